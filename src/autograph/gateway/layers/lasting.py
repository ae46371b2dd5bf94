"""What lasts (event streams, open WebSockets) ends when whoever asked for it may not any more."""

import asyncio
from collections.abc import Awaitable, Callable

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send

POLICY = 1008
"""Close code for what a client may not do (RFC 6455, 7.4.1)."""

Allowed = Callable[[], Awaitable[bool]]


async def while_allowed(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, allowed: Allowed, every_seconds: float
) -> None:
    """Serve one exchange; one that lasts is ended properly once `allowed` says no.

    Args:
        app: What serves it.
        scope: Of the exchange.
        receive: From the client.
        send: To the client.
        allowed: Asked again and again, from the moment on at which it turns out to last.
        every_seconds: Pause between two questions.
    """
    serving = asyncio.current_task()
    assert serving is not None
    asking: asyncio.Task[None] | None = None
    is_over = False

    async def ask() -> None:
        nonlocal is_over
        while await allowed():  # noqa: ASYNC110 - auth does not tell by itself
            await asyncio.sleep(every_seconds)
        is_over = True
        serving.cancel()

    async def answer(message: Message) -> None:
        nonlocal asking
        await send(message)
        if asking is None and _lasts(message):
            asking = asyncio.create_task(ask())

    try:
        await app(scope, receive, answer)
    except asyncio.CancelledError:
        if not is_over:
            raise
        serving.uncancel()
        await send(_ending(scope))
    finally:
        if asking is not None:
            asking.cancel()


def _lasts(message: Message) -> bool:
    if message["type"] == "websocket.accept":
        return True
    return message["type"] == "http.response.start" and any(
        name == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in message.get("headers", ())
    )


def _ending(scope: Scope) -> Message:
    if scope["type"] == "websocket":
        return {"type": "websocket.close", "code": POLICY, "reason": "Sign in again."}
    return {"type": "http.response.body", "body": b""}
