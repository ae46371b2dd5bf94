"""Connections: how long and how large the head of a request may be, and problems where no app was reached yet.

uvicorn's protocols do the work; what is added is what they leave open: a client that sends its head byte
by byte, a head without end, a body that goes on after its answer, and answers of plain text.
"""

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, ClassVar

import structlog
import uvicorn
from pydantic import BaseModel, ConfigDict, Field
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from autograph.core.correlation import HEADER, accept
from autograph.core.problem import MEDIA_TYPE, Malformed, Problem
from autograph.gateway.layers.security_headers import security_headers

GOING_AWAY = 1001
"""Close code of a server that stops (RFC 6455, 7.4.1)."""

UNWANTED_BYTES = 16 * 1024 * 1024
"""So much of a body is thrown away after its answer: more than the two systems hold on the way (10 MiB, as Linux
has it by default), so that a client which sends more has not listened."""

_log = structlog.get_logger(__name__)


class HttpSettings(BaseModel):
    """What a connection may cost before anything is known of who sends."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    head_bytes: int = Field(
        default=32 * 1024,
        ge=4096,
        le=1024 * 1024,
        description="Bytes that the request line and all header fields may have together; more is answered with 431.",
    )
    head_seconds: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="Seconds within which the whole head of a request must have come; then 408, and the connection"
        " is closed. As long may a TLS handshake take, and what is left of a body after its answer.",
    )
    keep_alive_seconds: int = Field(
        default=75, ge=1, le=3600, description="Seconds that a connection without a request is kept open."
    )


class HeadTooLarge(Problem):
    """The request line and header fields are larger than allowed."""

    status, slug, title = 431, "head-too-large", "The headers of the request are too large."


class HeadTimeout(Problem):
    """The headers of the request did not arrive in time."""

    status, slug, title = 408, "head-timeout", "The headers of the request did not arrive in time."


class _Refused(Exception):  # noqa: N818 - leaves through the parser, which makes an error of it
    """Stops the parser."""


class HttpProtocol(HttpToolsProtocol):
    """One connection with a bound on the head of each request, and on what comes after its answer."""

    settings: ClassVar[HttpSettings] = HttpSettings()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_head = self._is_heading = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._unwanted_bytes = 0
        self._unwanted_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as above us
        """From now on the client has its time."""
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._disarm()
        self._end_unwanted()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; what is still no whole head afterwards is bounded in size and time.

        The timer runs only then: a request that comes in one piece pays nothing for it.
        """
        if not self._has_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._has_head or not (self._is_heading or self._head_bytes) or self.transport.is_closing():
            return
        if self._head_bytes > self.settings.head_bytes:
            self._refuse(self._too_large())
        elif self._head_timer is None:
            self._arm()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._is_heading = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head; fields after the body (trailers) end here and never pass for others."""
        if not self._has_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole; what came with it in one piece is measured now."""
        self._has_head, self._is_heading = True, False
        self._disarm()
        if self._head_bytes > self.settings.head_bytes:
            head_bytes = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if head_bytes > self.settings.head_bytes:
                self._refuse(self._too_large())
                raise _Refused
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; after the answer not much more, and not for long.

        Closing at once would reset the connection, and with it take the answer from a client, or a gateway,
        that is still sending (RFC 9112, 9.6).
        """
        if self._is_answered():
            self._unwanted_bytes += len(body)
            if self._unwanted_bytes > UNWANTED_BYTES:
                self.transport.close()
            elif self._unwanted_timer is None:
                self._unwanted_timer = self.loop.call_later(self.settings.head_seconds, self.transport.close)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Whatever comes next is a head again; after an early answer the time without a request begins here."""
        self._has_head = False
        self._head_bytes = 0
        self._end_unwanted()
        if self._is_answered() and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser cannot read."""
        self._refuse(Malformed(msg))

    def _too_large(self) -> Problem:
        limit = self.settings.head_bytes
        return HeadTooLarge(f"At most {limit:,} bytes are taken.", limit_bytes=limit)

    def _arm(self) -> None:
        self._head_timer = self.loop.call_later(self.settings.head_seconds, self._late)

    def _disarm(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _late(self) -> None:
        self._head_timer = None
        if self._is_answering():
            return  # a pipelined head may wait for the answer before it
        if self._head_bytes or self._is_heading:
            self._refuse(HeadTimeout())
        else:
            self.transport.close()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]

    def _is_answered(self) -> bool:
        return self.cycle is not None and self.cycle.response_complete  # type: ignore[redundant-expr]

    def _end_unwanted(self) -> None:
        self._unwanted_bytes = 0
        if self._unwanted_timer is not None:
            self._unwanted_timer.cancel()
            self._unwanted_timer = None

    def _refuse(self, problem: Problem) -> None:
        """Answer and hang up; an answer that has begun is cut off instead."""
        if self.transport.is_closing():
            return
        _log.info("connection.refused", reason=problem.slug, client=self.client[0] if self.client else None)
        if not self._is_answering():
            self.transport.write(_answer(problem, self.server_state.default_headers, self.scheme == "https"))
        self.transport.close()


class SocketProtocol(WebSocketsSansIOProtocol):
    """One WebSocket that is told that we go away."""

    def shutdown(self) -> None:
        """Close with 1001 instead of 1012: clients reconnect, to us or to another replica."""
        if self.handshake_complete and not self.close_sent:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})
            self.conn.send_close(GOING_AWAY, "AutoGraph is being restarted.")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()
        else:
            super().shutdown()


class Listening(uvicorn.Server):
    """A server on given sockets that leaves signals alone and bounds TLS handshakes.

    Args:
        config: How it serves.
        handshake_seconds: How long a handshake may take; None without TLS.
    """

    def __init__(self, config: uvicorn.Config, *, handshake_seconds: float | None) -> None:
        super().__init__(config)
        self._handshake_seconds = handshake_seconds

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal: `server.stop` does."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections."""
        loop, config = asyncio.get_running_loop(), self.config

        def connection() -> asyncio.Protocol:
            return config.http_protocol_class(config=config, server_state=self.server_state, app_state={})  # type: ignore[call-arg]

        self.servers = [
            await loop.create_server(
                connection,
                sock=listener,
                backlog=config.backlog,
                ssl=config.ssl,
                ssl_handshake_timeout=self._handshake_seconds,
            )
            for listener in sockets or ()
        ]
        self.started = True


def http_protocol(settings: HttpSettings) -> type[HttpProtocol]:
    """Return the class of connections with these bounds; what is refused is logged by us, not by uvicorn."""
    logging.getLogger("uvicorn.error").addFilter(_is_worth_a_line)
    return type("BoundedHttpProtocol", (HttpProtocol,), {"settings": settings})


def _is_worth_a_line(line: logging.LogRecord) -> bool:
    return line.msg != "Invalid HTTP request received."


def _answer(problem: Problem, date: list[tuple[bytes, bytes]], is_https: bool) -> bytes:
    """A whole answer as it goes over the wire, like any other problem."""
    current = accept(None)
    body = json.dumps(problem.as_dict("", current), separators=(",", ":")).encode()
    headers = [
        *date,
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (HEADER.encode(), current.encode()),
        (b"connection", b"close"),
        *security_headers(https=is_https),
    ]
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    phrase = HTTPStatus(problem.status).phrase.encode()
    return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (problem.status, phrase, lines, body)
