"""Gives every request its correlation ID, trace and document: in the context, to the services behind, on the answer."""

import re

from autograph.core import correlation
from autograph.core import trace as traces
from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send

_NAME = correlation.HEADER.encode()
_PARENT = traces.PARENT_HEADER.encode()
_STATE = traces.STATE_HEADER.encode()
_OURS = frozenset({_NAME, _PARENT, _STATE})
_RESPONSE = traces.RESPONSE_HEADER.encode()
_TOLD = frozenset({_NAME, _RESPONSE})
_ANSWERING = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


_DOCUMENT = re.compile(
    r"/api/(?:diagrams|export|collab)/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:/|$)"
)
"""Paths that name a document; whoever makes one says so itself."""

ADDED = "added_headers"
"""Key of the scope's state under which inner layers leave headers for the answer, without a wrapper of their own."""


class Correlation:
    """Outermost layer, so that every other one and every answer has the ID.

    An offered ID is taken when it is short and clean, an offered trace when it is valid (`core.trace`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under its ID."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers, current, trace = _accepted(scope["headers"])
        told = ((_NAME, current.encode()), (_RESPONSE, trace.parent.encode()))
        scope = {**scope, "headers": headers}
        state = scope.setdefault("state", {})

        async def answer(message: Message) -> None:
            if message["type"] in _ANSWERING:
                kept = [pair for pair in message.get("headers", ()) if pair[0] not in _TOLD]
                kept += told
                kept += state.get(ADDED, ())
                message["headers"] = kept
            await send(message)

        token = correlation.correlation_id.set(current)
        trace_token = traces.trace.set(trace)
        named = _DOCUMENT.match(scope["path"])
        document_token = correlation.document_id.set(named[1] if named else "")
        try:
            await self._app(scope, receive, answer)
        finally:
            correlation.document_id.reset(document_token)
            traces.trace.reset(trace_token)
            correlation.correlation_id.reset(token)


def _accepted(headers: list[tuple[bytes, bytes]]) -> tuple[list[tuple[bytes, bytes]], str, traces.Trace]:
    """The headers for the services behind, the correlation ID and the trace."""
    kept: list[tuple[bytes, bytes]] = []
    offered: str | None = None
    parents: list[str] = []
    states: list[str] = []
    for pair in headers:
        name = pair[0]
        if name not in _OURS:
            kept.append(pair)
        elif name == _NAME:
            offered = offered or pair[1].decode("latin-1")
        else:
            (parents if name == _PARENT else states).append(pair[1].decode("latin-1"))
    current = correlation.accept(offered)
    trace = traces.continued(parents, states) if parents else traces.begun()
    kept += ((_NAME, current.encode()), (_PARENT, trace.parent.encode()))
    if trace.state:
        kept.append((_STATE, trace.state.encode()))
    return kept, current, trace
