"""Calls an ASGI app in this process and returns whatever it answers, problems too."""

import asyncio
import json as jsonlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SLUG_ROOT = "urn:autograph:problem:"


@dataclass(frozen=True)
class Answer:
    """A whole answer; `fields` holds repeated headers too."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.fields)

    def json(self) -> Any:
        return jsonlib.loads(self.body)

    @property
    def slug(self) -> str:
        """The slug of a problem answer, after checking that it is a proper one."""
        assert self.headers["content-type"] == "application/problem+json", self.body
        problem = self.json()
        assert problem["status"] == self.status
        assert {"type", "title", "status", "detail", "instance"} <= problem.keys()
        return str(problem["type"]).removeprefix(SLUG_ROOT)

    @property
    def wrong_fields(self) -> set[str]:
        """The fields that a 422 names."""
        assert self.status == 422, self.body
        return {error["field"] for error in self.json()["errors"]}


class Caller:
    """A client of one app, with headers that go along with every request."""

    def __init__(self, app: Any, headers: Mapping[str, str] | None = None) -> None:
        self.app = app
        self.headers = dict(headers or {})

    async def __call__(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        content: bytes | None = None,
        pieces: AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request. `pieces` is a body of unannounced length."""
        body = content if content is not None else b""
        sent = {**self.headers, **(headers or {})}
        if json is not None:
            body = jsonlib.dumps(json).encode()
            sent.setdefault("content-type", "application/json")
        if pieces is None:
            sent.setdefault("content-length", str(len(body)))
        parts = urlsplit(path)
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": parts.path, "raw_path": parts.path.encode(), "query_string": parts.query.encode(),
            "root_path": "", "client": ("127.0.0.1", 1), "server": ("test", 80), "state": {},
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        }  # fmt: skip
        exchange = _Exchange(body, pieces)
        await self.app(scope, exchange.receive, exchange.send)
        return Answer(exchange.status, tuple(exchange.fields), b"".join(exchange.answered))


class _Exchange:
    def __init__(self, body: bytes, pieces: AsyncIterator[bytes] | None) -> None:
        self._body: bytes | None = body
        self._pieces = pieces
        self.status = 0
        self.fields: list[tuple[str, str]] = []
        self.answered: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        if self._pieces is not None:
            piece = await anext(self._pieces, None)
            return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}
        body, self._body = self._body, None
        if body is None:
            await asyncio.Event().wait()  # a client that stays
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.fields = [(k.decode().lower(), v.decode()) for k, v in message["headers"]]
        else:
            self.answered.append(message.get("body", b""))
