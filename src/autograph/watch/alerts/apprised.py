"""Apprise, which knows Slack's incoming webhooks and some hundred services more."""

from typing import Any


def service_of(address: str) -> Any:
    """Return what notices are handed to.

    Raises:
        ValueError: Apprise does not know such an address; never says what was in it, which may be a secret.
    """
    import apprise  # noqa: PLC0415 - large, and few installations need it

    quiet = apprise.AppriseAsset(app_id="AutoGraph", app_desc="AutoGraph", app_url="", secure_logging=True)
    service = apprise.Apprise(asset=quiet)
    if not service.add(address):
        raise ValueError("is no address that Apprise knows")
    return service
