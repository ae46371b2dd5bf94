"""Proof of identity at the door: what a client claims is stripped, what auth vouches for goes on."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from autograph.clients.auth import API_KEY_START, SIGN_IN_SUFFIX, Identified
from autograph.clients.identity import IDENTITY_HEADER, LOOPBACK_HEADER
from autograph.clients.tokens import LONGEST_TOKEN
from autograph.core.asgi import ASGIApp, Receive, Scope, Send
from autograph.core.problem import Forbidden, Problem, Unauthenticated
from autograph.gateway.address import is_local
from autograph.gateway.headers import cookie, header, split_url, without
from autograph.gateway.layers.lasting import while_allowed
from autograph.gateway.routes import is_public, route_of

TRUSTED_SECONDS = 3.0
"""How long an answer of auth is used again: the longest that a sign-out takes to reach every service."""

ASKED_AGAIN_SECONDS = 1.5
"""How often it is asked whether what lasts may go on: with the time before, a sign-out ends it within 5 s."""

REMEMBERED = 10_000
"""Credentials whose answer is kept at the same time."""

CLAIMS = frozenset({IDENTITY_HEADER.encode(), b"x-forwarded-user", b"x-remote-user", b"remote-user"})
CREDENTIALS = frozenset({b"authorization", b"cookie", b"x-api-key"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignOrigin(Forbidden):
    """A browser sent this from another site's page."""

    slug, title = "foreign-origin", "This request comes from another site."


@dataclass(frozen=True, slots=True)
class Credential:
    """What a client showed, a cookie or a bearer token, and from where; that makes no difference to who it is."""

    cookie: str | None = None
    bearer: str | None = None
    address: str = field(default="", compare=False)

    def digest(self) -> bytes:
        """A key that gives nothing away."""
        shown = f"b:{self.bearer}" if self.bearer is not None else f"c:{self.cookie}"
        return hashlib.sha256(shown.encode()).digest()


Identify = Callable[[Credential], Awaitable[Identified]]
"""Asks auth who holds a credential; raises Unauthenticated when nobody does."""


class Identity:
    """Default deny: without proof only the calls of `routes.PUBLIC` get through.

    Args:
        app: What comes inside.
        identify: Asks auth.
        cookie_name: Name of the session cookie.
        public_url: Where people reach us; a page of this origin may make unsafe calls with the cookie.
        allowed_origins: Origins of other sites whose pages may, too.
        open_on_loopback: Whether this machine itself may ask diagnostic paths without proof.
        monotonic: Seconds that never run backwards.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        identify: Identify,
        cookie_name: str,
        public_url: str,
        allowed_origins: Collection[str] = (),
        open_on_loopback: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._identify = identify
        self._cookie_name = cookie_name
        self._origin_host = urlsplit(public_url).netloc
        self._allowed_origins = frozenset(allowed_origins)
        self._open_on_loopback = open_on_loopback
        self._monotonic = monotonic
        self._known: OrderedDict[bytes, tuple[float, Identified]] = OrderedDict()
        self._asking: dict[bytes, asyncio.Future[Identified]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request for a service; everything else passes untouched.

        Raises:
            Unauthenticated: The call is not public and nobody proved who they are.
            ForeignOrigin: An unsafe call with the cookie from another site's page.
        """
        route = route_of(scope["path"]) if scope["type"] in {"http", "websocket"} else None
        if route is None:
            await self._app(scope, receive, send)
            return
        method = scope.get("method", "GET")
        public = is_public(method, scope["path"])
        credential = self._credential(scope)
        if (credential is not None and credential.cookie is not None) or public:
            self._check_origin(scope, method, public=public)
        headers = without(scope["headers"], CLAIMS | CREDENTIALS, b"x-user-", b"x-internal-", b"x-autograph-")
        if public and (held := cookie(scope, self._cookie_name + SIGN_IN_SUFFIX)):
            headers.append((b"cookie", f"{self._cookie_name}{SIGN_IN_SUFFIX}={held}".encode("latin-1")))
        if credential is None and not public:
            if not (self._open_on_loopback and route.is_diagnostic and is_local(scope)):
                raise Unauthenticated(headers={"www-authenticate": "Bearer"})
            headers.append((LOOPBACK_HEADER.encode(), b"1"))
        if credential is not None and not public:
            found = await self.who(credential)
            headers.append((IDENTITY_HEADER.encode(), found.assertion.encode()))
            scope.setdefault("state", {})["principal"] = found.principal
            if method == "GET":

                async def allowed() -> bool:
                    return await self._is_still(credential, found)

                inside = {**scope, "headers": headers}
                await while_allowed(
                    self._app, inside, receive, send, allowed=allowed, every_seconds=ASKED_AGAIN_SECONDS
                )
                return
        await self._app({**scope, "headers": headers}, receive, send)

    async def who(self, credential: Credential) -> Identified:
        """Return who holds `credential`, asking auth at most once every `TRUSTED_SECONDS`."""
        digest = credential.digest()
        known = self._known.get(digest)
        if known is not None and known[0] > self._monotonic():
            return known[1]
        asking = self._asking.get(digest)
        if asking is None:
            asking = asyncio.ensure_future(self._ask(digest, credential))
            self._asking[digest] = asking
            asking.add_done_callback(lambda done: self._asked(digest, done))
        return await asyncio.shield(asking)

    def _asked(self, digest: bytes, done: asyncio.Future[Identified]) -> None:
        self._asking.pop(digest, None)
        if not done.cancelled():
            done.exception()  # everybody who asked may have left meanwhile

    async def _is_still(self, credential: Credential, found: Identified) -> bool:
        """Whether a credential still is who it was, with the same rights; while auth cannot say, it is."""
        try:
            return (await self.who(credential)).principal == found.principal
        except Problem as reason:
            return reason.status not in {Unauthenticated.status, Forbidden.status}

    async def _ask(self, digest: bytes, credential: Credential) -> Identified:
        self._known.pop(digest, None)
        found = await self._identify(credential)
        self._known[digest] = (self._monotonic() + TRUSTED_SECONDS, found)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    def _credential(self, scope: Scope) -> Credential | None:
        """The bearer token if there is one, else the API key, else the session cookie."""
        address = scope.get("state", {}).get("client", "")
        if (authorization := header(scope, b"authorization")) is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                raise Unauthenticated("Send the token as 'Authorization: Bearer <token>'.")
            return Credential(bearer=_bounded(token.strip()), address=address)
        if (key := header(scope, b"x-api-key")) is not None:
            if not key.startswith(API_KEY_START):
                raise Unauthenticated(f"X-API-Key takes API keys only; they begin with {API_KEY_START}.")
            return Credential(bearer=_bounded(key), address=address)
        value = cookie(scope, self._cookie_name)
        return Credential(cookie=_bounded(value), address=address) if value else None

    def _check_origin(self, scope: Scope, method: str, *, public: bool) -> None:
        """A browser names the page that sends; only our own may send unsafe calls with our cookie."""
        if method in SAFE_METHODS and scope["type"] == "http":
            return
        origin = header(scope, b"origin")
        if origin is not None:
            host = split_url(origin).netloc
            if origin in self._allowed_origins or (
                host and host in {self._origin_host, header(scope, b"host")}
            ):
                return
        elif public or header(scope, b"sec-fetch-site") in {"same-origin", "none"}:
            return
        raise ForeignOrigin("Open AutoGraph itself and try again there.")


def _bounded(shown: str) -> str:
    """What is too long to be of ours is not even looked at."""
    if len(shown) > LONGEST_TOKEN:
        raise Unauthenticated("this is not a token")
    return shown
