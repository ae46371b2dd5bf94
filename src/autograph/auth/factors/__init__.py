"""The shelf of login factors: one file a way to prove who one is, and a line in the registry.

Whoever has proven somebody opens a session with the factor's name (`sessions.Sessions.open`), or begins one that waits
for a second factor (`second.wanted`). A provider that proves people elsewhere, such as SAML, hands them to
`arrivals.Arrivals`.
"""

from autograph.auth.factors import oidc, passkey, password, totp
from autograph.auth.factors.part import Factor
from autograph.core.registry import Registry

FACTORS: Registry[Factor] = Registry(
    "autograph.login_factors",
    [password.FACTOR, totp.FACTOR, totp.BACKUP_CODE, passkey.FACTOR, oidc.FACTOR],
)


def has_second(methods: str) -> bool:
    """Whether a session that these proved was opened with a second factor, or with one that is both."""
    return not {factor.name for factor in FACTORS if factor.is_second}.isdisjoint(methods.split())


def is_enough(methods: str) -> bool:
    """Whether a session that these proved does where everybody needs more than a password."""
    return not {factor.name for factor in FACTORS if factor.is_enough}.isdisjoint(methods.split())
