"""API keys: made, shown once, listed, revoked; and who somebody is that shows one."""

import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from autograph.auth import rules
from autograph.auth.asking import asking
from autograph.auth.mail import words
from autograph.auth.parts import Parts
from autograph.auth.rights import Rights, within
from autograph.auth.rules import Person
from autograph.auth.store import api_keys, people
from autograph.auth.store.api_keys import ApiKey
from autograph.auth.throttle import TooManyAttempts
from autograph.clients.auth import API_KEY_START
from autograph.core.ids import new_id
from autograph.core.problem import Conflict, NotFound, Problem, StorageFull, Unauthenticated
from autograph.model.principal import Principal
from autograph.model.rights import SCOPES, Permission

MOST_KEYS = 50
"""Of one person: more are forgotten ones."""

MAIL_LASTS = timedelta(days=7)
_ALPHABET = string.ascii_letters + string.digits
_PREFIX_LENGTH = 8
_SECRET_LENGTH = 43
"""Of 62 letters: 256 random bits."""

_log = structlog.get_logger(__name__)


class TooManyKeys(Conflict):
    """Somebody has as many API keys as one may have."""

    slug, title = "too-many-keys", f"You have {MOST_KEYS} API keys. Revoke those that nothing uses any more."


@dataclass(frozen=True, slots=True)
class Proven:
    """Whom a key speaks for, and when that ends."""

    principal: Principal
    ends: datetime | None


class ApiKeys:
    """The use cases of API keys."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rights = Rights(parts)

    async def make(
        self, owner: Principal, name: str, scopes: frozenset[str], expires_in_days: int | None
    ) -> tuple[ApiKey, str]:
        """Make a key and return it with its text, which nobody will ever see again.

        Args:
            owner: Who makes it; it never may do more than they may at that moment.
            name: What they call it.
            scopes: At least one out of `model.rights.SCOPES`.
            expires_in_days: None for a key that does not end by itself.

        Raises:
            Invalid: The name is empty, too long, or cannot be shown.
            TooManyKeys: They have enough.
        """
        called, now = rules.normal_name(name), self._parts.clock.now()
        prefix = API_KEY_START + "".join(secrets.choice(_ALPHABET) for _ in range(_PREFIX_LENGTH))
        text = f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))}"
        ends = None if expires_in_days is None else now + timedelta(days=expires_in_days)
        ordered = tuple(scope for scope in SCOPES if scope in scopes)
        key = ApiKey(new_id(), owner.user_id, called, prefix, ordered, now, ends)
        async with self._parts.database.begin() as connection:
            await people.hold_person(connection, owner.user_id)
            found = await people.person_by_id(connection, owner.user_id)
            if found is None:
                raise NotFound
            if await api_keys.count(connection, owner.user_id) >= MOST_KEYS:
                raise TooManyKeys
            await api_keys.add(connection, key, rules.secret_hash(text))
            said = words.security(found[0].name, f"An API key was made for your account: {key.prefix}….")
            await self._parts.mail.put(connection, "security", found[0].email, said, until=now + MAIL_LASTS)
            await self._parts.audit.record(
                connection,
                "key.made",
                actor=owner.user_id,
                subject=("key", key.id),
                prefix=prefix,
                scopes=list(ordered),
                expires_at=ends.isoformat() if ends else None,
            )
        return key, text

    async def listed(self, user_id: str) -> list[ApiKey]:
        """Return the keys of a person, the newest first, expired ones too; those that were revoked are gone."""
        async with self._parts.database.read() as connection:
            return await api_keys.of(connection, user_id)

    async def listed_for_administrator(self, user_id: str) -> list[ApiKey]:
        """Return the keys of anybody, or raise NotFound when there is no such account."""
        async with self._parts.database.read() as connection:
            if await people.person_by_id(connection, user_id) is None:
                raise NotFound
            return await api_keys.of(connection, user_id)

    async def revoke(self, actor: Principal, user_id: str, key_id: str) -> None:
        """Make a key of `user_id` worth nothing.

        Raises:
            NotFound: There is none such.
            BeyondOwnRights: It is somebody else's who may do what the actor may not.
        """
        async with self._parts.database.begin() as connection:
            if user_id != actor.user_id:
                held = await self._rights.held(connection, actor, Permission.PEOPLE_MANAGE)
                owner = await people.person_by_id(connection, user_id)
                within(await self._rights.of(connection, owner[0].roles if owner else ()), held)
            if not await api_keys.revoke(connection, user_id, key_id, self._parts.clock.now()):
                raise NotFound
            await self._parts.audit.record(
                connection, "key.revoked", actor=actor.user_id, subject=("key", key_id), owner=user_id
            )

    async def identify(self, text: str) -> Proven:
        """Return whom a key speaks for: its owner, with no more rights than both have.

        Right keys never meet the throttle; wrong ones count for the address that they come from.

        Raises:
            Unauthenticated: Unknown, expired or revoked, or its owner may not sign in.
            TooManyAttempts: Such ones came too often from this address.
        """
        now = self._parts.clock.now()
        async with self._parts.database.read() as connection:
            key = await api_keys.by_hash(connection, rules.secret_hash(text))
            found = await people.person_by_id(connection, key.user_id) if key else None
            rights = await self._rights.of(connection, found[0].roles) if found else frozenset()
        if key is None or found is None:
            raise await self._refused(None, "This API key is not known here.")
        person = found[0]
        if why := _why_not(key, person, now):
            raise await self._refused(key, why)
        if key.last_used_at is None or now >= key.last_used_at + rules.TOUCH_EVERY:
            await self._touch(key, now)
        allowed = frozenset().union(*(SCOPES.get(scope, frozenset()) for scope in key.scopes))
        principal = Principal(
            user_id=person.id,
            email=person.email,
            name=person.name,
            roles=person.roles,
            permissions=rights & allowed,
            key_id=key.id,
        )
        return Proven(principal, key.expires_at)

    async def _refused(self, key: ApiKey | None, why: str) -> Problem:
        """Write down that a key opened nothing, and return what is to be said of it."""
        try:
            async with self._parts.throttle.trying(
                "", asking.get().address, event="key.refused", apart="key", why=why
            ) as attempt:
                attempt.concerns("key", key.id if key else "")
                return Unauthenticated(why, headers={"www-authenticate": "Bearer"})
        except StorageFull:
            _log.warning("auth.wrong_key_not_counted", reason="no room left")
            return Unauthenticated(why, headers={"www-authenticate": "Bearer"})
        except TooManyAttempts as problem:
            return problem

    async def _touch(self, key: ApiKey, now: datetime) -> None:
        """Keep when a key was last used; a full disk must not lock out those who only read."""
        try:
            async with self._parts.database.begin() as connection:
                await api_keys.touch(connection, key.id, asking.get().address, now)
        except StorageFull:
            _log.warning("auth.last_use_not_kept", reason="no room left")


def _why_not(key: ApiKey, owner: Person, now: datetime) -> str:
    """Why a key opens nothing; empty when it does."""
    if key.revoked_at is not None:
        return "This API key was revoked."
    if key.expires_at is not None and now >= key.expires_at:
        return "This API key has expired."
    return "The account of this API key is disabled." if owner.disabled_at is not None else ""
