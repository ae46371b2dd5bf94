"""The breaker around a service: around its ASGI app, and around the gateway's own questions to it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from autograph.clients.transport import Reply, Transport
from autograph.core import deadline
from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.problem import Problem
from autograph.gateway.routes import is_public, route_of
from autograph.gateway.upstreams.breaker import Breaker, Breakers, Ticket, class_of

OWN_LIMITS = frozenset({501, 507})
"""What a healthy service says of a method that it does not have, and of a disk that is full: reading goes on."""

_BLAMED = ("late", "idle")


class BreakerLayer:
    """Admits calls to one service and watches how they end. WebSockets pass: they end when they end.

    Args:
        app: The service, or what forwards to it.
        service: Its name.
        breakers: Of this gateway.
    """

    def __init__(self, app: ASGIApp, *, service: str, breakers: Breakers) -> None:
        self._app = app
        self._breakers = breakers.of_service(service)
        self._fallback = breakers.named(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call.

        Raises:
            CircuitOpen: The service is left alone just now.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        breaker = self._breaker(scope)
        watched = _Watched(breaker, breaker.admit(), send)
        try:
            await self._app(scope, receive, watched.send)
        except asyncio.CancelledError:
            watched.stopped()
            raise
        except Problem as problem:
            watched.ended(problem.status if not watched.status else 502)
            raise
        except Exception:
            watched.ended(500)
            raise
        watched.ended(watched.status)

    def _breaker(self, scope: Scope) -> Breaker:
        path = scope["path"]
        route = scope.get("state", {}).get("route") or route_of(path)
        kind = class_of(route, is_public=is_public(scope["method"], path))
        return self._breakers.get(kind, self._fallback)


class _Watched:
    """One call: which status it got, and what that says about the service."""

    __slots__ = ("_breaker", "_send", "_ticket", "status")

    def __init__(self, breaker: Breaker, ticket: Ticket, send: Send) -> None:
        self._breaker = breaker
        self._ticket: Ticket | None = ticket
        self._send = send
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self._breaker.state == "half_open" and _is_event_stream(message):
                self.ended(self.status)  # it may go on for hours: as a probe it has said enough
        await self._send(message)

    def ended(self, status: int) -> None:
        """The call is over, with this status."""
        ticket, self._ticket = self._ticket, None
        if ticket is not None:
            judge(self._breaker, ticket, status)

    def stopped(self) -> None:
        """The call was cancelled: the service is to blame only if it had its full time."""
        ticket, self._ticket = self._ticket, None
        current = deadline.current.get()
        if ticket is None:
            return
        if current is not None and current.ending in _BLAMED and not current.is_short:
            self._breaker.fail(ticket)
        else:
            self._breaker.drop(ticket)


def judge(breaker: Breaker, ticket: Ticket, status: int) -> None:
    """Tell `breaker` how a call ended that was not cancelled; `status` is 0 when there was no answer."""
    if 0 < status < 500 or status in OWN_LIMITS:
        breaker.succeed(ticket)
        return
    current = deadline.current.get()
    hurried = current is not None and (
        current.ending in {"gone", "unsent"} or (current.is_short and status in {0, 504})
    )
    if hurried:
        breaker.drop(ticket)
    else:
        breaker.fail(ticket)


def _is_event_stream(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in start.get("headers", ())
    )


class GuardedTransport:
    """A transport behind a breaker: when the service is cut off, nobody waits for it."""

    def __init__(self, transport: Transport, breaker: Breaker) -> None:
        self._transport = transport
        self._breaker = breaker

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        json: Any = None,
        content: bytes | None = None,
    ) -> Reply:
        """See `Transport.request`.

        Raises:
            CircuitOpen: The service is left alone just now.
        """
        ticket = self._breaker.admit()
        try:
            reply = await self._transport.request(method, path, headers=headers, json=json, content=content)
        except asyncio.CancelledError:
            self._breaker.drop(ticket)
            raise
        except Problem as problem:
            judge(self._breaker, ticket, problem.status)
            raise
        except Exception:
            self._breaker.fail(ticket)
            raise
        self._breaker.succeed(ticket)
        return reply
