"""The gateway on a real socket around a service that tells what it got: in this process, or over HTTP."""

import asyncio
import contextlib
import json
import socket

import aiohttp
import pytest
import uvicorn
from uvicorn.server import ServerState

from autograph.clients.auth import Identified
from autograph.core.clock import SystemClock
from autograph.core.problem import Unauthenticated
from autograph.gateway.app import create_gateway
from autograph.gateway.forward import forward
from autograph.gateway.health import Health
from autograph.gateway.settings import GatewaySettings
from autograph.model.principal import Principal
from autograph.server.http import HttpSettings, SocketProtocol, http_protocol

GOOD = "good"


async def identify(credential):
    """Knows one credential, as cookie or token."""
    if GOOD not in {credential.cookie, credential.bearer}:
        raise Unauthenticated
    principal = Principal(user_id="01a20d4a-47c3-7ce6-9019-16dfdceabd29", email="ada@example.org")
    return Identified(assertion="signed", expires_in=60, principal=principal)


@contextlib.asynccontextmanager
async def served(app):
    """Serve `app` on loopback as the program does; yields host and port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http=http_protocol(HttpSettings()),
        ws=SocketProtocol,
        lifespan="off",
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )
    config.load()
    state = ServerState()

    def connection():
        return config.http_protocol_class(config=config, server_state=state, app_state={})

    server = await asyncio.get_running_loop().create_server(connection, sock=listener)
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    server.close()
    for opened in list(state.connections):
        opened.transport.abort()
    while state.tasks or state.connections:
        await asyncio.sleep(0.005)


def gateway(upstream, *, session_url="http://127.0.0.1:8080", **settings):
    """The gateway with one service behind every path."""
    health = Health(service="gateway", version="0", clock=SystemClock(), probes={})
    services = ("auth", "diagrams", "analysis", "export")
    return create_gateway(
        dict.fromkeys(services, upstream),
        identify=identify,
        health=health,
        public_url=session_url,
        cookie_name="autograph",
        settings=GatewaySettings(**settings),
    )


async def telling(scope, receive, send):
    """Answers every request with what it looked like; `/echo` streams back, WebSockets echo."""
    if scope["type"] == "websocket":
        await _echo_socket(scope, receive, send)
        return
    if scope["path"].endswith("/echo"):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            message = await receive()
            more = message.get("more_body", False)
            await send({"type": "http.response.body", "body": message.get("body", b""), "more_body": more})
        return
    body = b""
    while (message := await receive()).get("more_body", False):
        body += message["body"]
    body += message.get("body", b"")
    seen = {
        "method": scope["method"],
        "path": scope["raw_path"].decode("latin-1"),
        "query": scope["query_string"].decode("latin-1"),
        "headers": [[n.decode("latin-1"), v.decode("latin-1")] for n, v in scope["headers"]],
        "body": body.decode("latin-1"),
    }
    headers = [(b"content-type", b"application/json"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    headers.append((b"x-asked-by", scope["method"].encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})


async def _echo_socket(scope, receive, send):
    await receive()
    headers = {n.decode(): v.decode() for n, v in scope["headers"]}
    await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None)})
    shown = {"identity": headers.get("x-autograph-identity"), "id": headers.get("x-correlation-id")}
    await send(
        {"type": "websocket.send", "text": json.dumps({**shown, "query": scope["query_string"].decode()})}
    )
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") == "close":
            await send({"type": "websocket.close", "code": 4001})
            return
        await send({**message, "type": "websocket.send"})


@pytest.fixture(params=["here", "elsewhere"])
async def door(request):
    """Host and port of a gateway whose services run here or elsewhere."""
    async with contextlib.AsyncExitStack() as stack:
        upstream = telling
        if request.param == "elsewhere":
            host = await stack.enter_async_context(served(telling))
            session = await stack.enter_async_context(
                aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
            )
            upstream = forward(f"http://{host}", session)
        yield await stack.enter_async_context(served(gateway(upstream)))


@pytest.fixture
async def client(door):
    """A client that shows the good token."""
    headers = {"authorization": f"Bearer {GOOD}"}
    async with aiohttp.ClientSession(
        f"http://{door}", headers=headers, cookie_jar=aiohttp.DummyCookieJar()
    ) as client:
        yield client
