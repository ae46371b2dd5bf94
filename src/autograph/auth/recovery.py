"""Confirm an address, choose a new password, change what one signs in with, unlock: by links in mails, or signed in."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth import rules
from autograph.auth.asking import asking
from autograph.auth.mail import words
from autograph.auth.mfa import Mfa
from autograph.auth.parts import Parts
from autograph.auth.rules import Person
from autograph.auth.service import Accounts, WrongCredentials
from autograph.auth.sessions import Sessions
from autograph.auth.store import links, people
from autograph.auth.store.links import Link, Purpose
from autograph.core.problem import Forbidden, NotFound, Problem
from autograph.model.principal import Principal

_log = structlog.get_logger(__name__)


LATER_SECONDS = (0.05, 0.15)
"""Mail is written so long after the answer: how long that takes, and when, tells nothing of who asked."""

Send = Callable[[AsyncConnection, Person], Awaitable[None]]


class LinkWorthless(Forbidden):
    """A link that was used, is too old, or never was one."""

    slug, title = "link-worthless", "This link was used before, or is too old. Ask for a new one."


class Recovery:
    """The use cases around passwords and addresses.

    What is asked for by address is done after the answer: it says and takes the same whether there is such an
    account or not.
    """

    def __init__(self, parts: Parts, accounts: Accounts, sessions: Sessions, mfa: Mfa) -> None:
        self._parts = parts
        self._mfa = mfa
        self._accounts = accounts
        self._sessions = sessions
        self._later: set[asyncio.Task[None]] = set()

    async def verify(self, secret: str) -> None:
        """Confirm the address that a link was sent to, or raise LinkWorthless."""
        async with self._tried("verify"), self._parts.database.begin() as connection:
            _, person = await self._taken(connection, "verify", secret)
            await people.set_verified(connection, person.id, self._parts.clock.now())
            await self._told(connection, "account.verified", person)

    async def resend_verification(self, email: str) -> None:
        """Send the link once more, if there is an account that waits for it."""
        await self._asked_for("verification", email, self._send_verification)

    async def request_reset(self, email: str) -> None:
        """Send a link to a new password, if there is an account with this address."""
        await self._asked_for("reset", email, self._send_reset)

    async def reset(self, secret: str, password: str) -> None:
        """Set the password that was chosen by a link, end every session and unlock the account.

        Raises:
            LinkWorthless: The link opens nothing.
            Invalid: The password is too weak; the link works on.
        """
        async with self._tried("reset"):
            async with self._parts.database.read() as connection:
                link = await links.look(connection, "reset", secret, now=self._parts.clock.now())
                found = await people.person_by_id(connection, link.user_id or "") if link else None
            if found is None:
                raise LinkWorthless
        password_hash = await self._chosen(found[0], password)
        async with self._parts.database.begin() as connection:
            _, person = await self._taken(connection, "reset", secret)
            await people.set_password_hash(connection, person.id, password_hash)
            await people.set_verified(connection, person.id, self._parts.clock.now())
            await links.forget(connection, person.id, "reset", "unlock", "second", "verify", "email")
            await self._parts.throttle.unlock(connection, person.email)
            await self._changed(connection, person)
            await self._sessions.end_all(connection, person.id, actor=person.id, why="password reset")
            await self._told(connection, "password.reset", person)

    async def change_password(self, principal: Principal, current: str, new: str) -> None:
        """Set a new password and end every other session.

        Raises:
            WrongCredentials: The current password is not right. An account without one sets it by a reset.
            Invalid: The new one is too weak.
        """
        person, proven_hash = await self._proven(principal, current)
        password_hash = await self._chosen(person, new)
        async with self._parts.database.begin() as connection:
            await self._still(connection, person, proven_hash)
            await people.set_password_hash(connection, person.id, password_hash)
            await links.forget(connection, person.id, "reset", "second", "email")
            await self._changed(connection, person)
            await self._sessions.end_all(
                connection, person.id, actor=person.id, but=principal.session_id, why="password change"
            )
            await self._told(connection, "password.changed", person)

    async def rename(self, principal: Principal, name: str) -> Person:
        """Set what people call one, and return the account as it is then."""
        called = rules.normal_name(name)
        async with self._parts.database.begin() as connection:
            await people.set_name(connection, principal.user_id, called)
            found = await people.person_by_id(connection, principal.user_id)
            if found is None:
                raise NotFound
            await self._told(connection, "account.renamed", found[0])
        self._sessions.recent.forget(principal.session_id)
        return found[0]

    async def request_address(
        self, principal: Principal, current_password: str, code: str, email: str
    ) -> None:
        """Send a link to the address that an account is to have; it changes once somebody follows that.

        Raises:
            WrongCredentials: The password is not right.
            WrongCode: The code is not right.
            SecondFactorWanted: None was given, and the session was opened too long ago or without one.
            DomainNotAllowed: Not for this domain.
            Invalid: It is no address.
        """
        address = rules.normal_email(email)
        self._accounts.check_domain(address)
        person, proven_hash = await self._proven(principal, current_password)
        await self._mfa.prove(principal, code)
        now, hours = self._parts.clock.now(), self._parts.settings.verification_hours
        lasts = timedelta(hours=hours)
        async with self._parts.database.begin() as connection:
            await self._still(connection, person, proven_hash)
            if await people.person_by_email(connection, address) is None:
                secret = await links.make(
                    connection, "email", now=now, lasts=lasts, user_id=person.id, is_only=True, email=address
                )
                mail = words.new_address(person.name, self._parts.link("/email", secret), hours)
                await self._parts.mail.put(connection, "new-address", address, mail, until=now + lasts)
            await self._told(connection, "address.asked", person)

    async def change_address(self, secret: str) -> None:
        """Give an account the address that a link was sent to, and tell the old one.

        Raises:
            LinkWorthless: The link opens nothing.
            EmailTaken: Somebody was quicker.
        """
        async with self._tried("email"), self._parts.database.begin() as connection:
            link, person = await self._taken(connection, "email", secret)
            await people.set_email(connection, person.id, str(link.data["email"]))
            await links.forget(connection, person.id, "reset", "unlock")
            mail = words.security(person.name, "The e-mail address of your account was changed.")
            await self._parts.mail.put(
                connection, "security", person.email, mail, until=self._parts.clock.now() + timedelta(days=7)
            )
            await self._told(connection, "address.changed", person)

    async def unlock(self, secret: str) -> None:
        """Unlock the account whose owner got the link, or raise LinkWorthless."""
        async with self._tried("unlock"), self._parts.database.begin() as connection:
            _, person = await self._taken(connection, "unlock", secret)
            await self._parts.throttle.unlock(connection, person.email)
            await self._told(connection, "account.unlocked", person)

    async def close(self) -> None:
        """Finish what was promised."""
        await asyncio.gather(*self._later, return_exceptions=True)

    async def _asked_for(self, what: str, email: str, send: Send) -> None:
        try:
            address = rules.normal_email(email)
        except Problem:
            address = ""
        async with self._parts.throttle.trying(address or email, asking.get().address, event="", apart=what):
            pass  # it counts, whatever becomes of it
        if address:
            task = asyncio.create_task(self._send_later(what, address, send))
            self._later.add(task)
            task.add_done_callback(self._later.discard)

    async def _send_later(self, what: str, address: str, send: Send) -> None:
        await asyncio.sleep(random.uniform(*LATER_SECONDS))  # noqa: S311 - no secret
        try:
            async with self._parts.database.begin() as connection:
                if found := await people.person_by_email(connection, address):
                    await send(connection, found[0])
                else:
                    await self._parts.audit.record(
                        connection, f"{what}.asked", outcome="failure", email=address
                    )
        except Problem as reason:
            _log.warning("mail.not_written", reason=str(reason))

    async def _send_verification(self, connection: AsyncConnection, person: Person) -> None:
        if person.verified_at is None:
            await self._accounts.send_verification(connection, person)
            await self._told(connection, "verification.asked", person)

    async def _send_reset(self, connection: AsyncConnection, person: Person) -> None:
        if person.disabled_at is not None:
            return
        now, minutes = self._parts.clock.now(), self._parts.settings.reset_minutes
        lasts = timedelta(minutes=minutes)
        secret = await links.make(connection, "reset", now=now, lasts=lasts, user_id=person.id, is_only=True)
        mail = words.reset(person.name, self._parts.link("/reset", secret), minutes)
        await self._parts.mail.put(connection, "reset", person.email, mail, until=now + lasts)
        await self._told(connection, "reset.asked", person)

    @asynccontextmanager
    async def _tried(self, purpose: Purpose) -> AsyncIterator[None]:
        """One try at a link; wrong ones count for the place they come from."""
        async with self._parts.throttle.trying(
            "", asking.get().address, event="link.refused", apart="link", purpose=purpose
        ) as attempt:
            yield
            attempt.succeeded()

    async def _taken(self, connection: AsyncConnection, purpose: Purpose, secret: str) -> tuple[Link, Person]:
        link = await links.take(connection, purpose, secret, now=self._parts.clock.now())
        found = await people.person_by_id(connection, link.user_id) if link and link.user_id else None
        if link is None or found is None:
            raise LinkWorthless
        return link, found[0]

    async def _proven(self, principal: Principal, password: str) -> tuple[Person, str]:
        """Return the account of whoever asks and knows its password, and the hash that this was compared with.

        Wrong ones count as at a sign-in.
        """
        async with self._parts.throttle.trying(
            principal.email, asking.get().address, event="proof.refused", method="password"
        ) as attempt:
            async with self._parts.database.read() as connection:
                found = await people.person_by_id(connection, principal.user_id)
            is_right, _ = await self._parts.passwords.verify(password, found[1] if found else None)
            if found is None or not is_right:
                raise WrongCredentials("The current password is wrong.")
            attempt.does_not_count()  # only half of a sign-in: wrong codes go on counting
        return found

    @staticmethod
    async def _still(connection: AsyncConnection, person: Person, proven_hash: str) -> None:
        """Hold the account, unless its password was changed since it was proven: by a link in a mail, say."""
        if await people.hold_proven(connection, person.id, proven_hash) is None:
            raise WrongCredentials("The current password is wrong.")

    async def _chosen(self, person: Person, password: str) -> str:
        await self._parts.passwords.check(password, email=person.email, name=person.name)
        return await self._parts.passwords.hash(password)

    async def _changed(self, connection: AsyncConnection, person: Person) -> None:
        mail = words.password_changed(person.name)
        until = self._parts.clock.now() + timedelta(days=7)
        await self._parts.mail.put(connection, "password-changed", person.email, mail, until=until)

    async def _told(self, connection: AsyncConnection, event: str, person: Person) -> None:
        await self._parts.audit.record(connection, event, actor=person.id, subject=("user", person.id))
