"""A sign-in half-way: the first proof was given, and the second one opens the session."""

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.parts import Parts
from autograph.auth.rules import Person
from autograph.auth.service import Accounts
from autograph.auth.sessions import Sessions, SignedIn
from autograph.auth.store import links, people
from autograph.auth.store.factors import Method
from autograph.auth.store.links import Link
from autograph.core.problem import Unauthenticated


class SecondStepWorthless(Unauthenticated):
    """A sign-in whose second step came too late, or was never begun."""

    slug, title = "second-step-worthless", "This sign-in took too long. Begin again with your password."


class Pending:
    """Finds sign-ins that wait for a second factor, and finishes them."""

    def __init__(self, parts: Parts, accounts: Accounts, sessions: Sessions) -> None:
        self._parts = parts
        self._accounts = accounts
        self._sessions = sessions

    async def of(self, token: str) -> Person:
        """Return who signs in with this token, which stays good.

        Raises:
            SecondStepWorthless: It opens nothing.
            NotVerified: The account's address is not confirmed.
            AccountDisabled: An administrator has disabled the account since.
        """
        async with self._parts.database.read() as connection:
            link = await links.look(connection, "second", token, now=self._parts.clock.now())
            found = await people.person_by_id(connection, link.user_id) if link and link.user_id else None
        if found is None:
            raise SecondStepWorthless
        self._accounts.check_usable(found[0])
        return found[0]

    async def open(self, connection: AsyncConnection, token: str, person: Person, method: Method) -> SignedIn:
        """Use the token up and open the session, in the transaction of the second factor.

        The transaction must hold the account (`held`). Raises as `of`.
        """
        link = await self._taken(connection, token)
        if link.user_id != person.id:
            raise SecondStepWorthless
        self._accounts.check_usable(person)
        return await self._sessions.open(
            connection,
            person,
            methods=f"{link.data['first']} {method}",
            remember_me=bool(link.data["remember_me"]),
            cookie=bool(link.data["cookie"]),
        )

    async def _taken(self, connection: AsyncConnection, token: str) -> Link:
        link = await links.take(connection, "second", token, now=self._parts.clock.now())
        if link is None:
            raise SecondStepWorthless
        return link


async def held(connection: AsyncConnection, user_id: str) -> Person:
    """Change this account's proofs alone until the transaction ends, and return it.

    Raises:
        Unauthenticated: It is gone or disabled.
    """
    if await people.hold_person(connection, user_id):
        found = await people.person_by_id(connection, user_id)
        if found is not None:
            return found[0]
    raise Unauthenticated
