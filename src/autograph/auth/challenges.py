"""What passkeys sign: random, good once and for five minutes, for nothing but what it was made for."""

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.factors.passkey import LASTS, RelyingParty
from autograph.auth.parts import Parts
from autograph.auth.rules import secret_hash
from autograph.auth.store import links
from autograph.core.problem import Conflict, Forbidden

Kind = Literal["register", "alone", "second"]


class PasskeysUnavailable(Conflict):
    """The installation is reached by number, or in the clear: browsers make no passkeys for such."""

    slug = "passkeys-unavailable"
    title = "Passkeys need a host name and https: set AUTOGRAPH_PUBLIC_URL to such an address, and use it."


class PasskeyTooLate(Forbidden):
    """An answer to a question that was never asked, was answered, or is too old."""

    slug, title = "passkey-too-late", "This took too long, or was used before. Try again."


class Challenges:
    """Makes challenges and uses them up. Each is a link's secret, of which only the hash is kept."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._maybe = RelyingParty.at(parts.public_url)

    @property
    def are_available(self) -> bool:
        """Whether browsers make passkeys for this installation."""
        return self._maybe is not None

    @property
    def party(self) -> RelyingParty:
        """For whom passkeys are made, or PasskeysUnavailable."""
        if self._maybe is None:
            raise PasskeysUnavailable
        return self._maybe

    async def make(
        self, connection: AsyncConnection, kind: Kind, user_id: str | None = None, bound_to: str = ""
    ) -> str:
        """Return a fresh challenge of 43 characters of base64url.

        Args:
            connection: The transaction.
            kind: What it is for.
            user_id: Who is to answer; None for anybody.
            bound_to: A secret or an id that must be shown again with the answer.
        """
        now = self._parts.clock.now()
        await links.forget_expired(connection, "passkey", now)
        return await links.make(
            connection, "passkey", now=now, lasts=LASTS, user_id=user_id, kind=kind, bound_to=_bound(bound_to)
        )

    async def take(self, challenge: str, kind: Kind, user_id: str | None = None, bound_to: str = "") -> None:
        """Use a challenge up, in a transaction of its own: whatever comes of the answer, there is no second one.

        Raises:
            PasskeyTooLate: It was not made, was made for something else, was used, or is too old.
        """
        async with self._parts.database.begin() as connection:
            link = await links.take(connection, "passkey", challenge, now=self._parts.clock.now())
        wanted = {"kind": kind, "bound_to": _bound(bound_to)}
        if link is None or link.user_id != user_id or link.data != wanted:
            raise PasskeyTooLate


def _bound(to: str) -> str:
    return secret_hash(to).hex()
