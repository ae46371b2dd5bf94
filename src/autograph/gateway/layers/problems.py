"""Turns whatever the layers inside raise into an answer; a fault of ours is logged and says nothing."""

import structlog

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.problem import Internal, Problem
from autograph.observability.answers import problem_answer

GOING_AWAY, POLICY, BROKEN, LATER = 1001, 1008, 1011, 1013
"""Codes with which an open WebSocket is closed (RFC 6455, 7.4.1, and the registry that it began)."""

_DENIAL = "websocket.http.response"
_log = structlog.get_logger(__name__)


class Problems:
    """The last net under the gateway's own layers; services have their own.

    A WebSocket that is not open yet is answered like any request where the server can do that, else by
    403; an open one is closed: 1008 for what the client may not do, 1013 for try again later, 1011 for a
    fault of ours.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; answer its problem if nothing was answered yet."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        begun = ended = False

        async def answer(message: Message) -> None:
            nonlocal begun, ended
            begun = True
            ended = ended or message["type"] == "websocket.close"
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Problem as found:
            if begun and scope["type"] == "http":
                raise
            problem = found
        except Exception as fault:
            _log.error("gateway.failed", path=scope["path"], method=scope.get("method"), exc_info=fault)
            if begun and scope["type"] == "http":
                raise
            problem = Internal("Tell your administrator the correlation ID.")
        else:
            return
        if scope["type"] == "http":
            await problem_answer(problem, scope["path"])(scope, receive, send)
        elif not ended:
            await _end_socket(problem, scope, receive, send, is_open=begun)


async def _end_socket(problem: Problem, scope: Scope, receive: Receive, send: Send, *, is_open: bool) -> None:
    """Refuse a handshake, or close what is open."""
    if not is_open and _DENIAL in scope.get("extensions", {}):
        await problem_answer(problem, scope["path"])(scope, receive, send)
        return
    code = LATER if problem.status in {429, 503} else POLICY if problem.status < 500 else BROKEN
    await send({"type": "websocket.close", "code": code, "reason": problem.title})
