"""The second factor: which one an account wants after its password, and what is remembered until it is given."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.factors import is_enough
from autograph.auth.parts import Parts
from autograph.auth.rules import Person
from autograph.auth.settings import AuthSettings
from autograph.auth.store import links
from autograph.auth.store.factors import Method, methods_of
from autograph.core.problem import Forbidden

LASTS = timedelta(minutes=5)


class SecondFactorFirst(Forbidden):
    """A session that may do nothing but set a second factor up."""

    slug, title = "second-factor-first", "Everybody needs a second factor here. Set one up first."


@dataclass(frozen=True, slots=True)
class SecondStep:
    """The password was right; one more proof opens the session.

    Attributes:
        token: To be sent with the proof; good once, for `expires_in` seconds.
        methods: What may be shown; empty when the installation wants a second factor and the account has none yet:
            then one is set up with this token.
    """

    token: str
    methods: tuple[Method, ...]
    expires_in: int


def is_missing(settings: AuthSettings, methods: str) -> bool:
    """Whether a session was opened by a password alone where that is not enough.

    The first administrator's is, and those from before the installation wanted more. Such a session may set a second
    factor up, and nothing else.
    """
    return settings.mfa == "required" and not is_enough(methods)


async def is_wanted(connection: AsyncConnection, parts: Parts, person: Person) -> bool:
    """Whether a password is not enough."""
    return parts.settings.mfa == "required" or bool(await methods_of(connection, person.id))


async def wanted(
    connection: AsyncConnection,
    parts: Parts,
    person: Person,
    *,
    remember_me: bool,
    cookie: bool,
    first: str = "password",
) -> SecondStep | None:
    """Return which second factor is wanted of somebody who gave a `first` one; None when that is enough."""
    methods = await methods_of(connection, person.id)
    if not methods and parts.settings.mfa != "required":
        return None
    token = await links.make(
        connection,
        "second",
        now=parts.clock.now(),
        lasts=LASTS,
        user_id=person.id,
        is_only=False,
        remember_me=remember_me,
        cookie=cookie,
        first=first,
    )
    return SecondStep(token, methods, int(LASTS.total_seconds()))
