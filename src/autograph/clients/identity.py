"""Who is asking, proven: checks the identity assertion that the gateway sends along with a request."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import ValidationError

from autograph.clients.tokens import ASSERTION_AUDIENCE, ASSERTION_TYPE, UnknownKey, read_token
from autograph.core.clock import Clock, SystemClock
from autograph.core.correlation import user_id
from autograph.core.problem import Problem, Unauthenticated, Unavailable
from autograph.model.principal import Principal

IDENTITY_HEADER = "x-autograph-identity"
"""Carries the assertion between our own services; the gateway strips it from what comes in."""

LOOPBACK_HEADER = "x-autograph-loopback"
"""Set by the gateway for calls from this machine itself to paths that are open to it; stripped from what comes in."""

Jwks = Mapping[str, Any]
KeySource = Callable[[], Awaitable[Jwks]]

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0


def public_keys(jwks: Jwks) -> dict[str, OKPKey]:
    """Return the Ed25519 keys of a JWK set by their thumbprint (RFC 7638); others are left out.

    Raises:
        Unavailable: The document is not a JWK set.
    """
    try:
        members = [dict(member) for member in jwks["keys"]]
        keys = [OKPKey.import_key(member) for member in members if member.get("crv") == "Ed25519"]
        return {key.thumbprint(): key for key in keys}
    except (JoseError, KeyError, TypeError, ValueError) as reason:
        raise Unavailable("the signing keys could not be read") from reason


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """Return the person that verified `claims` speak of.

    Raises:
        Unauthenticated: A claim is missing or of the wrong shape.
    """
    try:
        return Principal(
            user_id=claims["sub"],
            email=claims["email"],
            name=claims["name"],
            roles=tuple(claims["roles"]),
            session_id=claims["sid"],
            permissions=frozenset(claims["permissions"]),
            key_id=claims["kid"],
        )
    except (KeyError, TypeError, ValidationError) as reason:
        raise Unauthenticated("this token does not say who is asking") from reason


class IdentityVerifier:
    """Turns an assertion into a :class:`Principal`. One for a whole process; safe for many tasks at once.

    Args:
        keys: Returns auth's public keys as a JWK set. Asked at the first need, again when an assertion
            names an unknown key (after a growing pause, so that forged names cannot make a storm), and
            never more than once at a time.
        clock: Time.
        cache_size: How many verified assertions are remembered until they expire.
    """

    def __init__(self, keys: KeySource, *, clock: Clock | None = None, cache_size: int = 4096) -> None:
        self._source = keys
        self._clock = clock or SystemClock()
        self._cache_size = cache_size
        self._cache: OrderedDict[str, tuple[int, Principal]] = OrderedDict()
        self._keys: dict[str, OKPKey] = {}
        self._not_before = float("-inf")
        self._pause = _FIRST_PAUSE_SECONDS
        self._away = False  # whether the last question had no answer: then nobody is called a forger
        self._refreshing = asyncio.Lock()

    async def verify(self, assertion: str | None) -> Principal:
        """Return who `assertion` speaks of.

        Raises:
            Unauthenticated: None was sent, or it is forged, expired or of another kind.
            Unavailable: The public keys cannot be had just now.
        """
        if not assertion:
            raise Unauthenticated
        now = int(self._clock.now().timestamp())
        known = self._cache.get(assertion)
        if known is not None and now < known[0]:
            return known[1]
        claims = await self._read(assertion, now)
        principal = principal_of(claims)
        self._cache[assertion] = (claims["exp"], principal)
        if len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)
        return principal

    async def of(self, headers: Sequence[tuple[bytes, bytes]]) -> Principal:
        """Return who sent a request with these ASGI `headers`; the same Problems as :meth:`verify`."""
        wanted = IDENTITY_HEADER.encode()
        sent = [value for name, value in headers if name == wanted]
        if len(sent) != 1:
            raise Unauthenticated
        principal = await self.verify(sent[0].decode("latin-1"))
        user_id.set(principal.user_id)
        return principal

    async def _read(self, assertion: str, now: int) -> dict[str, Any]:
        try:
            return self._checked(assertion, now)
        except UnknownKey:
            await self._refresh()
        try:
            return self._checked(assertion, now)
        except UnknownKey as reason:
            raise Unauthenticated("this token was signed with a key that is not known here") from reason

    def _checked(self, assertion: str, now: int) -> dict[str, Any]:
        return read_token(assertion, self._keys, kind=ASSERTION_TYPE, audience=ASSERTION_AUDIENCE, now=now)

    async def _refresh(self) -> None:
        """Fetch the keys anew, unless that was just done."""
        before = self._keys
        async with self._refreshing:
            if self._keys is not before:
                return  # somebody fetched them while we waited
            if self._clock.monotonic() < self._not_before:
                if self._away:
                    raise Unavailable("who you are cannot be checked just now")
                return
            try:
                fetched = public_keys(await self._source())
            except Problem as reason:
                self._away = True
                self._wait_longer()
                raise Unavailable("who you are cannot be checked just now") from reason
            self._away = False
            if fetched.keys() == before.keys():
                self._wait_longer()
            else:
                self._keys, self._pause = fetched, _FIRST_PAUSE_SECONDS

    def _wait_longer(self) -> None:
        self._not_before = self._clock.monotonic() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)


def own_keys(jwks: Callable[[], Jwks]) -> KeySource:
    """Return a key source for auth itself, whose keys are at hand; they may have changed when it is asked again."""

    async def source() -> Jwks:
        return jwks()

    return source
