"""Signing in by an OpenID provider: begun here, proven there, finished here."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import aiohttp
import structlog

from autograph.auth.arrivals import Arrivals, Proven, proven
from autograph.auth.factors import oidc as protocol
from autograph.auth.factors.id_token import NotBelieved
from autograph.auth.factors.oidc import Away, Begun, Provider, Refused
from autograph.auth.factors.second import SecondStep
from autograph.auth.parts import Parts
from autograph.auth.service import Accounts
from autograph.auth.sessions import Sessions, SignedIn
from autograph.auth.store import identities, links
from autograph.auth.store.factors import methods_of
from autograph.auth.store.links import Link
from autograph.core.problem import Forbidden, NotFound, Problem, Unavailable

CALLBACK = "/api/auth/oidc/callback"
LASTS = timedelta(minutes=10)

_log = structlog.get_logger(__name__)


class ProviderUnknown(NotFound):
    """No such provider is set."""

    slug, title = "provider-unknown", "There is no such way to sign in here."


class ProviderAway(Unavailable):
    """The provider does not answer; every other way in is as good as ever."""

    slug = "provider-away"
    title = "The sign-in service does not answer just now. Try again, or sign in another way."


class ProviderNotBelieved(Problem):
    """The provider's answer is not proven, or it does not know us; the log says why."""

    status, slug = 502, "provider-not-believed"
    title = "What the sign-in service answered could not be verified. Tell an administrator."


class SignInWorthless(Forbidden):
    """A sign-in that this browser did not begin, that was used, or that took too long."""

    slug = "sign-in-worthless"
    title = "This sign-in was begun in another browser, was used before, or took too long. Begin again."


class SignInDeclined(Forbidden):
    """The provider, or whoever was asked there, said no."""

    slug, title = "sign-in-declined", "The sign-in was cancelled, or the sign-in service refused it."


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a browser goes to sign in, and the cookie by which it is known when it comes back."""

    url: str
    cookie: str


class Oidc:
    """The use cases of providers.

    State, nonce, PKCE verifier and the browser's cookie are one random secret: the others are keyed hashes of the
    state, so that nothing that opens a door is kept. The state is a link that works once. Wrong ones are not counted:
    nobody guesses 256 bits, and a page that is loaded again must not lock out an office.
    """

    def __init__(self, parts: Parts, accounts: Accounts, sessions: Sessions) -> None:
        self._parts = parts
        self._arrivals = Arrivals(parts, accounts, sessions)
        self._http: aiohttp.ClientSession | None = None
        self.providers = {
            slug: Provider(slug, settings, session=self._session, clock=parts.clock)
            for slug, settings in parts.settings.oidc.items()
        }

    async def close(self) -> None:
        """Close the connections to providers."""
        if self._http is not None:
            await self._http.close()

    async def begin(self, slug: str, *, remember_me: bool) -> Beginning:
        """Begin a sign-in.

        Raises:
            ProviderUnknown: There is no such provider.
            ProviderAway: It does not answer.
            ProviderNotBelieved: What it says of itself cannot be.
        """
        provider = self.providers.get(slug)
        if provider is None:
            raise ProviderUnknown
        try:
            await provider.metadata()
            async with self._parts.database.begin() as connection:
                state = await links.make(
                    connection,
                    "oidc",
                    now=self._parts.clock.now(),
                    lasts=LASTS,
                    provider=slug,
                    remember_me=remember_me,
                )
            begun = self._begun(state)
            challenge = _plain(hashlib.sha256(begun.verifier.encode()).digest())
            return Beginning(await provider.where(begun, challenge), self._derived("browser", state))
        except (Away, NotBelieved) as reason:
            raise self._problem(provider, reason) from reason

    async def finish(
        self, *, state: str, cookie: str, code: str, error: str, issuer: str | None
    ) -> SignedIn | SecondStep:
        """Finish a sign-in by what the browser brought back.

        Args:
            state: Of which sign-in.
            cookie: By which the browser proves that it began it.
            code: What the provider gave it; empty when it gave none.
            error: What the provider says instead.
            issuer: Who the provider says it is, where it does (RFC 9207).

        Raises:
            SignInWorthless: Begun elsewhere, used, or too old.
            SignInDeclined: The provider says no.
            ProviderAway: It does not answer.
            ProviderNotBelieved: Its answer is not proven.
            Problem: Whoever was proven may not come in: it says why.
        """
        link = await self._taken(state, cookie)
        provider = self.providers.get(str(link.data["provider"]))
        if provider is None:
            raise SignInWorthless
        if error or not code:
            _log.info("oidc.declined", provider=provider.slug)
            await self._refused(provider.slug, SignInDeclined())
            raise SignInDeclined
        try:
            claims = await provider.claims(self._begun(state), code, issuer)
        except (Away, NotBelieved, Refused) as reason:
            problem = self._problem(provider, reason)
            await self._refused(provider.slug, problem)
            raise problem from reason
        groups = provider.groups(claims)
        who = proven(claims, provider.settings, slug=provider.slug, provider=provider.name, groups=groups)
        try:
            return await self._arrivals.come_in(
                who, provider.settings, remember_me=bool(link.data["remember_me"])
            )
        except Problem as problem:
            if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                await self._refused(who.slug, problem, who)
            raise

    async def second(self, token: str) -> SecondStep:
        """Return which second factor the sign-in that was just finished wants, or raise SignInWorthless."""
        now = self._parts.clock.now()
        async with self._parts.database.read() as connection:
            link = await links.look(connection, "second", token, now=now)
            if link is None or link.user_id is None:
                raise SignInWorthless
            methods = await methods_of(connection, link.user_id)
        return SecondStep(token, methods, int((link.expires_at - now).total_seconds()))

    async def _taken(self, state: str, cookie: str) -> Link:
        if not hmac.compare_digest(self._derived("browser", state).encode(), cookie.encode()):
            raise SignInWorthless
        async with self._parts.database.begin() as connection:
            link = await links.take(connection, "oidc", state, now=self._parts.clock.now())
        if link is None:
            raise SignInWorthless
        return link

    async def _refused(self, slug: str, problem: Problem, who: Proven | None = None) -> None:
        """Write down that somebody was not proven, or was and may not come in."""
        async with self._parts.database.begin() as connection:
            user_id = await identities.owner(connection, who.issuer, who.subject) if who else None
            await self._parts.audit.record(
                connection,
                "session.refused",
                subject=("user", user_id or ""),
                outcome="failure",
                email=who.email if who else "",
                method=f"oidc {slug}",
                why=problem.slug,
            )

    def _problem(self, provider: Provider, reason: Away | NotBelieved | Refused) -> Problem:
        if isinstance(reason, Away):
            return ProviderAway(headers={"retry-after": "5"})
        if isinstance(reason, Refused):
            return SignInWorthless()
        _log.warning("oidc.not_believed", provider=provider.slug, reason=str(reason))
        return ProviderNotBelieved()

    def _begun(self, state: str) -> Begun:
        return Begun(
            state=state,
            nonce=self._derived("nonce", state),
            verifier=self._derived("verifier", state),
            redirect_uri=self._parts.public_url + CALLBACK,
        )

    def _derived(self, purpose: str, state: str) -> str:
        return _plain(self._parts.vault.mac(f"oidc {purpose}", state.encode("utf-8", "replace")))

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = protocol.new_session()
        return self._http


def _plain(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
