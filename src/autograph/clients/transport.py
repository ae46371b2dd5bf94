"""How one service asks another: an ASGI app called directly, or HTTP. The callers cannot tell which."""

import asyncio
import json as jsonlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote

import aiohttp
import structlog
from yarl import URL

from autograph.clients.internal import INTERNAL, SIGNATURE_HEADER, Asked, Signatures, Stranger
from autograph.core import deadline
from autograph.core.asgi import ASGIApp, Message
from autograph.core.calls import Call, current_service, report
from autograph.core.correlation import HEADER, correlation_id
from autograph.core.deadline import TimedOut
from autograph.core.problem import TYPE_ROOT, Internal, Problem, Unavailable
from autograph.core.trace import PARENT_HEADER, STATE_HEADER, Trace, below, trace

ROUNDING_SECONDS = 0.01
"""With less than this to go, a wait that ended by its timer ended by the deadline."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, parsed."""
        return jsonlib.loads(self.body)


class Transport(Protocol):
    """One question and its answer, within what remains of the time of the request being served.

    Raises:
        TimedOut: No time remained to ask, or to wait for the answer.
        Problem: The answer was a problem: the same status, slug, detail and members, raised here again, with
            its Retry-After. A fault of the service is an `Internal` problem.
        Unavailable: There was no answer.
    """

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        json: Any = None,
        content: bytes | None = None,
    ) -> Reply:
        """Send `json` (serialised here) or `content` (as it is) to `path`, which may carry a query."""
        ...


class LocalTransport:
    """Calls an ASGI app of this process: no socket, no serialisation but JSON itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        json: Any = None,
        content: bytes | None = None,
    ) -> Reply:
        """Run the app for this one request and gather its answer."""
        deadline.check()
        body, sent = _encoded(headers, json, content)
        raw_path, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
            "method": method, "scheme": "http", "path": unquote(raw_path), "raw_path": raw_path.encode(),
            "query_string": query.encode(), "root_path": "", "client": None, "server": ("here", None),
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()], "state": {},
        }  # fmt: skip
        answer = _Gathered(body)
        try:
            await self._app(scope, answer.receive, answer.send)
        except Problem:
            raise
        except Exception as fault:
            if not answer.is_whole:  # else it has said so itself, and is heard as it would be over HTTP
                _log.error("service.failed", path=path, method=method, exc_info=fault)
                raise Internal("Tell your administrator the correlation ID.") from fault
        return _checked(Reply(answer.status, answer.headers, b"".join(answer.chunks)))


class _Gathered:
    """Both ends of one in-process exchange."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.status = 500
        self.headers: dict[str, str] = {}
        self.chunks: list[bytes] = []
        self.is_whole = False

    async def receive(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
            }
        elif message["type"] == "http.response.body":
            self.chunks.append(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)


class HttpTransport:
    """Calls a service of another process over a shared client session.

    Args:
        base_url: Where the service listens, such as ``http://auth:8085``.
        session: Owned by whoever starts the process.
        service: Its name, for those who watch calls, and for itself: internal calls are signed for it.
        signatures: Signs internal calls; they are not signed when None.
    """

    def __init__(
        self,
        base_url: str,
        session: aiohttp.ClientSession,
        *,
        service: str = "",
        signatures: Signatures | None = None,
    ) -> None:
        self._service = service
        self._base_url = base_url.rstrip("/")
        self._base_path = URL(self._base_url).raw_path.rstrip("/")
        self._session = session
        self._signatures = signatures

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        json: Any = None,
        content: bytes | None = None,
    ) -> Reply:
        """Send the request and read the whole answer."""
        remaining = deadline.check()
        place, status = below(), 0
        body, sent = _encoded(headers, json, content, place)
        url = URL(self._base_url + path)
        if self._signatures is not None and path.startswith(INTERNAL):
            target = url.raw_path_qs.removeprefix(self._base_path)
            sent[SIGNATURE_HEADER] = self._signatures.sign(Asked(self._service, method, target), body)
        timeout = self._session.timeout
        if remaining is not None:
            sent[deadline.HEADER] = str(math.ceil(remaining * 1000))
            timeout = aiohttp.ClientTimeout(
                total=remaining, connect=timeout.connect, sock_connect=timeout.sock_connect
            )
        started, failed, is_lost = time.perf_counter(), True, True
        try:
            async with self._session.request(
                method,
                url,
                headers=sent,
                data=body or None,
                allow_redirects=False,
                timeout=timeout,
            ) as response:
                is_lost = False
                found = {name.lower(): value for name, value in response.headers.items()}
                status = response.status
                reply = Reply(status, found, await response.read())
            failed = status >= 500
        except asyncio.CancelledError:
            failed = is_lost = False  # whoever asked does not want to know any more
            raise
        except (TimeoutError, aiohttp.ClientError) as error:
            left = deadline.remaining_seconds()
            if isinstance(error, TimeoutError) and left is not None and left < ROUNDING_SECONDS:
                raise TimedOut from error
            raise Unavailable("A service did not answer.", headers={"retry-after": "2"}) from error
        finally:
            seconds = time.perf_counter() - started
            source, target = current_service.get(), self._service
            report(Call(source, target, "http", method, seconds, failed, is_lost, place, status))
        return _checked(reply)


class LaterTransport:
    """Calls a service that is looked for at each call, because it may begin after whoever calls it.

    Args:
        find: Returns how the service is reached, or raises the problem that it is not.
    """

    def __init__(self, find: Callable[[], Transport]) -> None:
        self._find = find

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        json: Any = None,
        content: bytes | None = None,
    ) -> Reply:
        """Find the service and ask it."""
        return await self._find().request(method, path, headers=headers, json=json, content=content)


def _encoded(
    headers: Mapping[str, str], json: Any, content: bytes | None, place: Trace | None = None
) -> tuple[bytes, dict[str, str]]:
    """Body and headers as they go out, with the correlation ID and trace of the request being served.

    The call's own `place` in that trace goes before the request's.
    """
    sent = dict(headers)
    if current := correlation_id.get():
        sent.setdefault(HEADER, current)
    if (ours := place or trace.get()) is not None:
        sent[PARENT_HEADER] = ours.parent
        if ours.state:
            sent[STATE_HEADER] = ours.state
    body = content or b""
    if json is not None:
        body = jsonlib.dumps(json, separators=(",", ":"), ensure_ascii=False).encode()
        sent["content-type"] = "application/json"
    if body:
        sent["content-length"] = str(len(body))
    return body, sent


def _checked(reply: Reply) -> Reply:
    """Return a good reply; raise any other as the problem that it is."""
    if reply.status < 400:
        return reply
    try:
        document = reply.json()
        slug = str(document["type"]).removeprefix(TYPE_ROOT)
    except (ValueError, KeyError, TypeError):
        raise Unavailable("A service answered in a way that cannot be read.") from None
    if slug == Stranger.slug:
        raise Unavailable("A service does not believe this process; its log says why.")
    kind = type(
        "RemoteProblem",
        (Problem,),
        {"status": reply.status, "slug": slug, "title": document.get("title", "")},
    )
    known = {"type", "title", "status", "detail", "instance", "correlation_id"}
    extensions = {name: value for name, value in document.items() if name not in known}
    raised: Problem = kind(document.get("detail", ""))
    raised.extensions = extensions
    if (pause := reply.headers.get("retry-after")) is not None:
        raised.headers = {"retry-after": pause}
    raise raised
