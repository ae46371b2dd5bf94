"""From where somebody asks: address and device of the request that is being served."""

from contextvars import ContextVar
from dataclasses import dataclass

from autograph.core.asgi import ASGIApp, Receive, Scope, Send

LONGEST_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class Asking:
    """Where a request comes from.

    Attributes:
        address: The client's, as the gateway has found it; empty for work of our own.
        user_agent: What the client says it is; never believed, only shown.
    """

    address: str = ""
    user_agent: str = ""


asking: ContextVar[Asking] = ContextVar("asking", default=Asking())  # noqa: B039 - it is frozen


class Ask:
    """Notes from where each request comes.

    Args:
        app: What comes inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. The gateway alone writes X-Forwarded-For: what came in with it is stripped there."""
        if scope["type"] == "http":
            found = dict(scope["headers"])
            address = found.get(b"x-forwarded-for", b"").decode("latin-1").rpartition(",")[2].strip()
            agent = found.get(b"user-agent", b"").decode("utf-8", "replace")
            shown = "".join(letter for letter in agent if letter.isprintable())
            asking.set(Asking(address[:45], shown[:LONGEST_USER_AGENT]))
        await self._app(scope, receive, send)
