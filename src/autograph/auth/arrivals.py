"""Whoever another has proven comes in: to the account that is theirs, that has their address, or to a new one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth import rules
from autograph.auth.factors import second
from autograph.auth.factors.second import SecondStep
from autograph.auth.invited import Invited
from autograph.auth.mail import words
from autograph.auth.oidc_settings import OidcSettings
from autograph.auth.parts import Parts
from autograph.auth.rules import Person
from autograph.auth.service import Accounts
from autograph.auth.sessions import Sessions, SignedIn
from autograph.auth.store import identities, links, members, people
from autograph.auth.store.people import EmailTaken
from autograph.core.ids import new_id
from autograph.core.problem import Forbidden, Invalid
from autograph.model.rights import ADMIN

MAIL_LASTS = timedelta(days=7)

Told = list[tuple[str, tuple[str, str], dict[str, Any]]]
"""What is to be written into the audit log once everything else of the transaction is done: event, subject, details."""


class AddressNotVerified(Forbidden):
    """The provider does not vouch for the address."""

    slug = "address-not-verified"
    title = "The sign-in service has not verified your e-mail address. Confirm it there first."


class NoAccount(Forbidden):
    """Proven, but without an account, and the installation makes none at sign-in."""

    slug, title = "no-account", "There is no account for you here. Ask an administrator for an invitation."


class NoRole(Forbidden):
    """Proven, but in no group that is let in."""

    slug, title = "no-role", "Your groups give you no access here. Ask an administrator."


@dataclass(frozen=True, slots=True)
class Proven:
    """Whom a provider has proven, and what it says of them.

    Attributes:
        slug: How the provider is called here.
        provider: How people call it.
        issuer: The provider, with `subject` the only thing by which an account is known.
        email: Empty when it says none that can be one.
        is_verified: Whether it vouches for the address.
        groups: Of which roles are made, where that is set.
    """

    slug: str
    provider: str
    issuer: str
    subject: str
    email: str
    is_verified: bool
    name: str
    groups: frozenset[str]


class Arrivals:
    """Finds, links and makes accounts for those who were proven elsewhere, and opens their sessions."""

    def __init__(self, parts: Parts, accounts: Accounts, sessions: Sessions) -> None:
        self._parts = parts
        self._accounts = accounts
        self._sessions = sessions
        self._invited = Invited(parts)

    async def come_in(
        self, who: Proven, settings: OidcSettings, *, remember_me: bool
    ) -> SignedIn | SecondStep:
        """Open a session with a cookie for whoever was proven, or say which second factor is wanted.

        Raises:
            AddressNotVerified: At the first sign-in: the provider does not vouch for the address.
            EmailTaken: At the first sign-in: another account has the address, and is not given to them.
            NoAccount: There is none, none is made, and nobody has invited them.
            DomainNotAllowed: None is made for this domain.
            NoRole: Their groups give them no role.
            AccountDisabled: An administrator has disabled the account.
        """
        try:
            return await self._opened(who, settings, remember_me=remember_me)
        except identities.Taken:  # of two first sign-ins at once this one was the second
            return await self._opened(who, settings, remember_me=remember_me)

    async def _opened(
        self, who: Proven, settings: OidcSettings, *, remember_me: bool
    ) -> SignedIn | SecondStep:
        now, roles = self._parts.clock.now(), _roles_of(settings, who.groups)
        async with self._parts.database.begin() as connection:
            if roles is not None:
                await members.hold(connection, now)
            user_id = await identities.owner(connection, who.issuer, who.subject)
            found = await people.person_by_id(connection, user_id) if user_id else None
            told: Told = []
            person = found[0] if found else await self._first(connection, who, settings, roles, told)
            await people.hold_person(connection, person.id)
            await identities.touch(connection, who.issuer, who.subject, now)
            self._accounts.check_usable(person)
            if roles is not None:
                person = await self._with_roles(connection, who, person, roles, told)
            opened = None
            if roles is None or person.roles:
                opened = await self._session(connection, person, settings, remember_me=remember_me)
            for event, subject, details in told:
                await self._parts.audit.record(connection, event, actor=person.id, subject=subject, **details)
        if opened is not None:
            return opened
        raise NoRole  # only now: that the roles are gone has to be committed

    async def _session(
        self, connection: AsyncConnection, person: Person, settings: OidcSettings, *, remember_me: bool
    ) -> SignedIn | SecondStep:
        if settings.second_factor == "here":
            step = await second.wanted(
                connection, self._parts, person, remember_me=remember_me, cookie=True, first="oidc"
            )
            if step is not None:
                return step
        return await self._sessions.open(
            connection, person, methods="oidc", remember_me=remember_me, cookie=True
        )

    async def _first(
        self,
        connection: AsyncConnection,
        who: Proven,
        settings: OidcSettings,
        roles: tuple[str, ...] | None,
        told: Told,
    ) -> Person:
        """Find or make the account of somebody who comes from this provider for the first time."""
        if not who.email or not who.is_verified:
            raise AddressNotVerified
        if roles == ():
            raise NoRole
        if found := await people.person_by_email(connection, who.email):
            return await self._linked(connection, who, settings, found[0], told)
        invitation = await self._invited.use_of(connection, who.email)
        if invitation is None and not settings.allow_new:
            raise NoAccount
        self._accounts.check_domain(who.email)
        default = invitation.role if invitation else settings.default_role
        now, given = self._parts.clock.now(), roles or (default,)
        person = Person(new_id(), who.email, who.name, given, now, verified_at=now)
        try:
            await people.add_person(connection, person, "")
        except EmailTaken as reason:
            raise identities.Taken from reason
        await identities.add(connection, who.issuer, who.subject, person.id, now)
        details = {"email": person.email, "how": f"oidc {who.slug}", "roles": list(given)}
        told.append(("account.made", ("user", person.id), details))
        if invitation:
            await self._invited.join(connection, invitation, person.id)
            brought = {"role": invitation.role, "team": invitation.team_id}
            told.append(("invitation.used", ("invitation", invitation.id), brought))
        return person

    async def _linked(
        self,
        connection: AsyncConnection,
        who: Proven,
        settings: OidcSettings,
        person: Person,
        told: Told,
    ) -> Person:
        """Give an identity to the account with its address, if whoever made the account has proven that address.

        An account that waits for its proof may be a stranger's who was quicker: its password goes.
        """
        if not settings.link_by_email or self._parts.settings.verification != "required":
            raise EmailTaken("Sign in with your password, or ask an administrator.")
        now = self._parts.clock.now()
        await people.hold_person(connection, person.id)
        if person.verified_at is None:
            await people.set_password_hash(connection, person.id, "")
            await people.set_verified(connection, person.id, now)
            await links.forget(connection, person.id, "verify", "reset")
            person = replace(person, verified_at=now)
        await identities.add(connection, who.issuer, who.subject, person.id, now)
        said = words.security(
            person.name, f"Your account can now be opened by signing in with {who.provider}."
        )
        await self._parts.mail.put(connection, "security", person.email, said, until=now + MAIL_LASTS)
        told.append(("identity.linked", ("user", person.id), {"provider": who.slug}))
        return person

    async def _with_roles(
        self, connection: AsyncConnection, who: Proven, person: Person, roles: tuple[str, ...], told: Told
    ) -> Person:
        """Give an account the roles of its groups; the last administrator stays one."""
        if ADMIN in person.roles and ADMIN not in roles:
            others = [one for one in await members.administrators(connection) if one.id != person.id]
            roles = roles if others else (ADMIN, *roles)
        if set(roles) == set(person.roles):
            return person
        await members.set_roles(connection, person.id, roles)
        details = {"before": list(person.roles), "after": list(roles), "how": f"oidc {who.slug}"}
        told.append(("account.roles_changed", ("user", person.id), details))
        return replace(person, roles=roles)


def _roles_of(settings: OidcSettings, groups: frozenset[str]) -> tuple[str, ...] | None:
    """Return the roles that somebody's groups bring; None when the provider does not decide that."""
    if not settings.roles:
        return None
    found = {settings.roles[group] for group in groups if group in settings.roles}
    return tuple(sorted(found)) or ((settings.default_role,) if settings.default_role else ())


def proven(
    claims: Mapping[str, Any], settings: OidcSettings, *, slug: str, provider: str, groups: frozenset[str]
) -> Proven:
    """Return whom verified `claims` are about."""
    email = address_of(claims)
    says = claims.get("email_verified", settings.emails_are_verified)
    return Proven(
        slug=slug,
        provider=provider,
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=email,
        is_verified=says is True or says == "true",
        name=_name(claims, email),
        groups=groups,
    )


def address_of(claims: Mapping[str, Any]) -> str:
    """Return the address that verified `claims` name, in normal form; empty when there is none."""
    try:
        return rules.normal_email(str(claims.get("email", "")))
    except Invalid:
        return ""


def _name(claims: Mapping[str, Any], email: str) -> str:
    """Return what people are to call somebody: the first of what `claims` offer that can be shown."""
    for offered in (claims.get("name"), claims.get("preferred_username"), email.partition("@")[0]):
        if isinstance(offered, str):
            shown = "".join(letter for letter in offered if letter.isprintable()).strip()
            if shown:
                return rules.normal_name(shown[: rules.LONGEST_NAME])
    return "Somebody"
