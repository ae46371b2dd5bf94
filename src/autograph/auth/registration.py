"""Who may have an account here, by the installation's settings."""

from autograph.auth.settings import AuthSettings
from autograph.core.problem import Forbidden


class RegistrationClosed(Forbidden):
    """Nobody may make an account for themselves here."""

    slug, title = "registration-closed", "Accounts are made by an administrator here."


class DomainNotAllowed(Forbidden):
    """An address outside of the domains that the installation allows."""

    slug, title = "domain-not-allowed", "Accounts are for other e-mail domains here."


def check_domain(settings: AuthSettings, address: str) -> None:
    """Refuse an address of a domain that may have no account here, or raise nothing."""
    allowed = settings.allowed_domains
    if allowed and address.rpartition("@")[2] not in allowed:
        raise DomainNotAllowed
