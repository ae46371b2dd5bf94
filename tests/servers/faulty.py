"""An HTTP service on loopback that misbehaves on the wire as it is told, one connection at a time."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[["Faulty", Received, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Faulty:
    """What a running faulty service has seen; `behave` may be changed at any time."""

    behave: Behaviour
    port: int = 0
    received: list[Received] = field(default_factory=list)
    abandoned: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def faulty(behave: Behaviour, port: int = 0) -> AsyncIterator[Faulty]:
    """Run a faulty service until the block ends."""
    service = Faulty(behave)
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(task := asyncio.current_task())
        coming = asyncio.ensure_future(_read(reader))
        answering = None
        try:
            while (request := await coming) is not None and not writer.is_closing():
                service.received.append(request)
                answering = asyncio.ensure_future(service.behave(service, request, writer))
                coming = asyncio.ensure_future(_read(reader))
                await asyncio.wait({answering, coming}, return_when=asyncio.FIRST_COMPLETED)
                if not answering.done():
                    service.abandoned += 1
                    break
        except asyncio.CancelledError:
            pass
        finally:
            for left in (coming, answering):
                if left is not None:
                    left.cancel()
            connections.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {
            n.strip().lower(): v.strip() for n, _, v in (line.partition(":") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Received(method, path, headers, body)


async def answer(
    writer: asyncio.StreamWriter, status: int = 200, body: bytes = b"{}", **headers: str
) -> None:
    """Write a whole, proper answer."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{lines}\r\n".encode() + body)
    await writer.drain()


async def good(_service: Faulty, _request: Received, writer: asyncio.StreamWriter) -> None:
    """200, at once."""
    await answer(writer)


async def hang(_service: Faulty, _request: Received, _writer: asyncio.StreamWriter) -> None:
    """Never a byte."""
    await asyncio.sleep(60)


async def reset(_service: Faulty, _request: Received, writer: asyncio.StreamWriter) -> None:
    """A TCP reset before the first byte."""
    _reset(writer)


async def reset_in_body(_service: Faulty, _request: Received, writer: asyncio.StreamWriter) -> None:
    """A TCP reset after part of the body."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + b"x" * 100)
    await writer.drain()
    await asyncio.sleep(0.05)
    _reset(writer)


async def truncate(_service: Faulty, _request: Received, writer: asyncio.StreamWriter) -> None:
    """An orderly end long before the promised length."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + b"x" * 100)
    await writer.drain()
    writer.close()


async def slow_close(_service: Faulty, _request: Received, writer: asyncio.StreamWriter) -> None:
    """A whole answer that says it will close, and then takes its time."""
    await answer(writer, connection="close")
    await asyncio.sleep(60)


def drip(pieces: int, pause_seconds: float) -> Behaviour:
    """An answer that comes byte by byte."""

    async def behave(_service: Faulty, _request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {pieces}\r\n\r\n".encode())
        for _ in range(pieces):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(pause_seconds)

    return behave


def failing(times: int, fault: Behaviour, then: Behaviour = good) -> Behaviour:
    """`fault` so many times, afterwards `then`."""
    left = times

    async def behave(service: Faulty, request: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        left -= 1
        await (fault if left >= 0 else then)(service, request, writer)

    return behave


def status(code: int, **headers: str) -> Behaviour:
    """Always this status."""

    async def behave(_service: Faulty, _request: Received, writer: asyncio.StreamWriter) -> None:
        await answer(writer, code, **headers)

    return behave


def _reset(writer: asyncio.StreamWriter) -> None:
    connected = writer.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
