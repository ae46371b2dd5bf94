"""In front of a service that runs apart: `/internal` is for our own services, and each call proves that it is one's."""

import hashlib
from collections.abc import Callable

import structlog

from autograph.clients.internal import INTERNAL, SIGNATURE_HEADER, Asked, Signatures, Stranger, Unbelieved
from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.problem import TooLarge

LARGEST_BODY_BYTES = 16 * 1024 * 1024
"""More than the largest call has: what a process with 500 errors and 500 slow queries tells the watch."""

SAID_EVERY_SECONDS = 60.0

_log = structlog.get_logger(__name__)
_HEADER = SIGNATURE_HEADER.encode()


class Internal:
    """Default deny: a stranger's body is not read, and the answer does not say what was wrong.

    Args:
        app: What comes inside.
        service: Which service it is; calls that were signed for another are not for it.
        signatures: Tells our own from strangers.
        monotonic: Seconds that never run backwards.
    """

    def __init__(
        self, app: ASGIApp, *, service: str, signatures: Signatures, monotonic: Callable[[], float]
    ) -> None:
        self._app = app
        self._service = service
        self._signatures = signatures
        self._monotonic = monotonic
        self._said_at = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever is not internal passes untouched.

        Raises:
            Stranger: The call is not proven to be of this installation and for this service.
            TooLarge: It is, but more than `LARGEST_BODY_BYTES`.
        """
        if scope["type"] not in {"http", "websocket"} or not scope["path"].startswith(INTERNAL):
            await self._app(scope, receive, send)
            return
        try:
            digest = self._believed(scope)
            body = await _whole(receive)
            if body is not None and hashlib.sha256(body).hexdigest() != digest:
                raise Unbelieved("its body is another")
        except Unbelieved as reason:
            self._tell(str(reason), scope)
            raise Stranger from None
        if body is not None:
            await self._app(scope, _again(body, receive), send)

    def _believed(self, scope: Scope) -> str:
        """Return the SHA-256 that the body must have, or raise Unbelieved."""
        shown = [value for name, value in scope["headers"] if name == _HEADER]
        if scope["type"] != "http" or len(shown) != 1:
            raise Unbelieved("it is not signed")
        target, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
        if query:
            target += b"?" + query
        asked = Asked(self._service, scope["method"], target.decode("latin-1"))
        return self._signatures.check(shown[0].decode("latin-1"), asked)

    def _tell(self, reason: str, scope: Scope) -> None:
        self._signatures.refused += 1
        if self._monotonic() - self._said_at >= SAID_EVERY_SECONDS:
            self._said_at = self._monotonic()
            _log.warning(
                "internal.refused",
                reason=reason,
                path=scope["path"][:100],
                client=scope.get("state", {}).get("client", ""),
                refused=self._signatures.refused,
                hint="Processes of ours need the same AUTOGRAPH_SERVICES__SECRETS, and clocks that agree.",
            )


async def _whole(receive: Receive) -> bytes | None:
    """Return the body, None when the client left before its end."""
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > LARGEST_BODY_BYTES:
            raise TooLarge(f"At most {LARGEST_BODY_BYTES:,} bytes are taken here.")
        more = message.get("more_body", False)
    return b"".join(pieces)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what hands out the body that was read, and then listens on."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def handed() -> Message:
        return pending.pop() if pending else await receive()

    return handed
