"""Whether we live, are ready, and whether the services behind answer."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from pydantic import BaseModel

from autograph.core.asgi import Receive, Scope, Send
from autograph.core.clock import Clock
from autograph.core.problem import MethodNotAllowed, Problem

Probe = Callable[[], Awaitable[str]]
"""Asks one service whether it lives; returns where it was asked, raises when it does not answer."""

PROBE_TIMEOUT_SECONDS = 2.0
PATHS = frozenset(
    {"/health", "/livez", "/readyz", "/startupz", "/health/services", "/health/circuit-breakers"}
)


class Healthy(BaseModel):
    """That the program answers, and which version of it."""

    status: str
    service: str
    timestamp: datetime
    version: str


class Health:
    """Answers the paths of `PATHS`. Liveness touches no dependency.

    Args:
        service: Name of what is served here.
        version: Version of the program.
        clock: Time.
        probes: One probe a service; asked only for `/health/services`.
        breakers: Returns the report of every circuit breaker; there are none when None.
    """

    def __init__(
        self,
        *,
        service: str,
        version: str,
        clock: Clock,
        probes: Mapping[str, Probe],
        breakers: Callable[[], Mapping[str, object]] | None = None,
    ) -> None:
        self.service = service
        self._version = version
        self._clock = clock
        self._probes = probes
        self._breakers = breakers
        self.ready = True

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one health call.

        Raises:
            MethodNotAllowed: Anything but GET and HEAD.
        """
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed(headers={"allow": "GET, HEAD"})
        path, status = scope["path"], 200
        if path == "/health/services":
            content = await self._services()
        elif path == "/health/circuit-breakers":
            content = {"circuit_breakers": self._breakers() if self._breakers else {}}
        else:
            content = {"status": "healthy", **self._about()}
        if path == "/readyz" and not self.ready:
            status, content["status"] = 503, "draining"
        body = json.dumps(content, separators=(",", ":")).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _about(self) -> dict[str, object]:
        return {"service": self.service, "timestamp": self._timestamp(), "version": self._version}

    def _timestamp(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def _services(self) -> dict[str, object]:
        names = list(self._probes)
        found = await asyncio.gather(*(self._probed(self._probes[name]) for name in names))
        services = dict(zip(names, found, strict=True))
        healthy = all(service["status"] == "healthy" for service in found)
        return {
            "status": "healthy" if healthy else "degraded",
            "services": services,
            "timestamp": self._timestamp(),
        }

    @staticmethod
    async def _probed(probe: Probe) -> dict[str, object]:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
                url = await probe()
        except (TimeoutError, Problem) as error:
            return {"status": "unhealthy", "error": str(error) or "no answer in time"}
        return {
            "status": "healthy",
            "url": url,
            "response_time_ms": round((time.perf_counter() - started) * 1000, 2),
        }
