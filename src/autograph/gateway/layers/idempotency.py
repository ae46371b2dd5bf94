"""Idempotency-Key: a call that is sent again under the same key is done once and answered the same.

After draft-ietf-httpapi-idempotency-key-header. The key belongs to one person, method and path; what was sent
with it is remembered by a hash. Answers that tell of the work are kept, also its errors; those that say that
nothing was done (not valid, not allowed, not now) are not, so that the call may be mended and sent again. What auth
answers may hold a secret that is shown once, and is never kept: there each call is done.
"""

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Awaitable, Callable

from pydantic import BaseModel, ConfigDict, Field

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.problem import Conflict, Invalid, Malformed, TooLarge
from autograph.gateway.headers import header
from autograph.gateway.store import Kept, KeyStore

NAME = b"idempotency-key"
DIGEST_HEADER = b"x-autograph-idempotency"
"""Tells a service under which key it works: 64 hexadecimal digits, the same for every attempt."""

METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
NOTHING_DONE = frozenset({400, 401, 403, 405, 408, 411, 413, 415, 422, 425, 429, 431, 499, 502, 503, 504})
"""Answers that are not kept. After 502 and 504 the work may have been done: services that create know the key."""

NOT_KEPT = "/api/auth/"
"""Paths whose answers are not kept."""

_KEPT_HEADERS = frozenset({b"content-type", b"etag", b"location", b"cache-control"})
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_ALLOWED = re.compile(r"[\x20-\x7e]{1,255}")


class IdempotencySettings(BaseModel):
    """How calls under a key are treated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kept_hours: float = Field(
        default=24.0, gt=0, le=720, description="How long an answer is repeated, in hours."
    )
    lease_seconds: float = Field(
        default=30.0,
        gt=0,
        le=600,
        description="How long a key stays taken, in seconds, after the process that worked under it has died.",
    )
    largest_body_bytes: int = Field(
        default=16 * 1024 * 1024,
        ge=1024,
        description="Bytes of the largest body that is taken with a key: it is held to be compared and repeated.",
    )
    largest_answer_bytes: int = Field(
        default=1024 * 1024,
        ge=0,
        description="Bytes of the largest answer that is kept; larger ones are not repeated.",
    )


class KeyReused(Invalid):
    """The same key was used for something else."""

    slug, title = "idempotency-key-reused", "This Idempotency-Key was used with another body."


class KeyInUse(Conflict):
    """The first call under this key is still being worked on."""

    slug, title = "idempotency-key-in-use", "The first call with this Idempotency-Key is not finished."


class Idempotency:
    """Costs calls without a key one look at their headers.

    Args:
        app: What comes inside.
        store: Where keys are kept.
        settings: How they are treated.
    """

    def __init__(self, app: ASGIApp, *, store: KeyStore, settings: IdempotencySettings) -> None:
        self._app = app
        self._store = store
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, repeat an answer, or raise.

        Raises:
            Malformed: The key cannot be read.
            TooLarge: The body is too large to be held.
            KeyReused: The key was used with another body.
            KeyInUse: The first call is still being worked on.
        """
        if scope["type"] != "http" or scope["method"] not in METHODS or (sent := header(scope, NAME)) is None:
            await self._app(scope, receive, send)
            return
        principal = scope.get("state", {}).get("principal")
        if principal is None or scope["path"].startswith(NOT_KEPT):
            await self._app(scope, receive, send)
            return
        name = "\n".join((principal.user_id, scope["method"], scope["path"], parsed(sent)))
        key = hashlib.sha256(name.encode()).hexdigest()
        query: bytes = scope.get("query_string", b"")
        body = await self._read(receive)
        claim = await self._store.claim(key, hashlib.sha256(query + b"\n" + body).hexdigest())
        if claim.is_other:
            raise KeyReused("Use a new key for a new request.")
        if claim.kept is not None:
            await _repeat(claim.kept, send)
        elif claim.holder:
            scope = {**scope, "headers": [*scope["headers"], (DIGEST_HEADER, key.encode())]}
            await self._work(scope, _Body(body, receive), send, key, claim.holder)
        else:
            raise KeyInUse("Ask again in a moment.", headers={"retry-after": "1"})

    async def _work(self, scope: Scope, body: "_Body", send: Send, key: str, holder: str) -> None:
        async def keep(kept: Kept | None) -> None:
            if kept is None or kept.status in NOTHING_DONE:
                await asyncio.shield(self._store.release(key, holder))
            else:
                await asyncio.shield(self._store.finish(key, holder, kept))

        answer = _Answer(send, keep, self._settings.largest_answer_bytes)
        renewing = asyncio.create_task(self._renew(key, holder))
        try:
            await self._app(scope, body.receive, answer.send)
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing
            if not answer.ended:
                await asyncio.shield(self._store.release(key, holder))

    async def _renew(self, key: str, holder: str) -> None:
        while True:
            await asyncio.sleep(self._store.lease_seconds / 3)
            await self._store.renew(key, holder)

    async def _read(self, receive: Receive) -> bytes:
        """The whole body; it has to be known before the key is taken."""
        chunks: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Malformed("The body ended too early.")
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self._settings.largest_body_bytes:
                limit = self._settings.largest_body_bytes
                raise TooLarge(
                    f"With an Idempotency-Key at most {limit:,} bytes are taken.", limit_bytes=limit
                )
            more = message.get("more_body", False)
        return b"".join(chunks)


class _Body:
    """A body that was read already, given once more; then what the client does is heard again."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def receive(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            return await self._receive()
        return {"type": "http.request", "body": body, "more_body": False}


class _Answer:
    """Passes an answer on and remembers it, up to a size. It is kept before the client sees its end."""

    def __init__(
        self, send: Send, keep: Callable[[Kept | None], Awaitable[None]], largest_bytes: int
    ) -> None:
        self._send = send
        self._keep = keep
        self._left = largest_bytes
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self.ended = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [pair for pair in message.get("headers", ()) if pair[0] in _KEPT_HEADERS]
        elif message["type"] == "http.response.body":
            body = message.get("body", b"")
            self._left -= len(body)
            if self._left >= 0:
                self._chunks.append(body)
            if not message.get("more_body", False):
                self.ended = True
                whole = Kept(self._status, self._headers, b"".join(self._chunks))
                await self._keep(whole if self._left >= 0 else None)
        await self._send(message)


def parsed(sent: str) -> str:
    """Return the key of a header: a Structured Field string in quotes (RFC 8941), or bare as many send it.

    Raises:
        Malformed: It is neither, empty, or longer than 255 characters.
    """
    text = sent.strip()
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            raise Malformed("The Idempotency-Key is not a well-formed string.")
        text = re.sub(r'\\(["\\])', r"\1", quoted[1])
    if not _ALLOWED.fullmatch(text):
        raise Malformed("An Idempotency-Key has 1 to 255 printable ASCII characters.")
    return text


async def _repeat(kept: Kept, send: Send) -> None:
    headers = [
        *kept.headers,
        (b"content-length", str(len(kept.body)).encode()),
        (b"idempotency-replayed", b"true"),
    ]
    if kept.status in {204, 304}:
        headers = [pair for pair in headers if pair[0] != b"content-length"]
    await send({"type": "http.response.start", "status": kept.status, "headers": headers})
    await send({"type": "http.response.body", "body": kept.body})
