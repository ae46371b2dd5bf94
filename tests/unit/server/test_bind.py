"""The listening socket."""

import asyncio
import socket

import pytest

from autograph.server.process import bind
from autograph.server.settings import BadSettings


async def test_answers_are_not_held_back():
    """Accepted connections have Nagle's algorithm off: head and body of an answer leave at once, not after 40 ms."""
    listener = bind("127.0.0.1", 0)
    options = asyncio.get_running_loop().create_future()

    def accepted(_reader, writer):
        connected = writer.get_extra_info("socket")
        options.set_result(connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(accepted, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await options
        writer.close()


def test_a_taken_port_is_said_plainly():
    """Two programs on one port: the second says so and what to do."""
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    with pytest.raises(BadSettings, match=f"Cannot listen on 127.0.0.1:{port}"):
        bind("127.0.0.1", port)
    with pytest.raises(BadSettings, match=r"another port: AUTOGRAPH_METRICS__PORT\.$"):
        bind("127.0.0.1", port, setting="AUTOGRAPH_METRICS__PORT")
    listener.close()
