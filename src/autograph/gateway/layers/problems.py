"""Turns whatever the layers inside raise into an answer; a fault of ours is logged and says nothing."""

import structlog

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.problem import Internal, Problem
from autograph.observability.answers import problem_answer

_log = structlog.get_logger(__name__)


class Problems:
    """The last net under the gateway's own layers; services have their own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; answer its problem if nothing was answered yet."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Problem as problem:
            if begun:
                raise
            await problem_answer(problem, scope["path"])(scope, receive, send)
        except Exception as fault:
            _log.error("gateway.failed", path=scope["path"], method=scope["method"], exc_info=fault)
            if begun:
                raise
            internal = Internal("Tell your administrator the correlation ID.")
            await problem_answer(internal, scope["path"])(scope, receive, send)
