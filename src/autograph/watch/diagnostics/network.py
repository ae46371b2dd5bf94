"""Network: which bodies count as large, and some to try."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from autograph.observability.requests import LARGE_BYTES
from autograph.watch.diagnostics import part
from autograph.watch.diagnostics.part import DENIED, LIMITED, Diagnostician, Eyes

COMPRESSION_LEAST_BYTES = 1024

router = part.router()


class NetworkReport(BaseModel):
    """How a body of this size is treated."""

    request_size_bytes: int
    is_large_payload: bool
    large_payload_bytes: int = LARGE_BYTES
    compression_enabled: bool = True
    compression_min_size_bytes: int = COMPRESSION_LEAST_BYTES
    timestamp: datetime


@router.get("/network", operation_id="test_network", responses=DENIED)
async def try_network(_: Diagnostician, watch: Eyes) -> NetworkReport:
    """Which sizes count as large, and what is compressed."""
    return NetworkReport(request_size_bytes=0, is_large_payload=False, timestamp=watch.moment())


@router.post("/network/large-request", operation_id="test_large_request", responses=LIMITED)
async def try_large_request(_: Diagnostician, watch: Eyes, request: Request) -> NetworkReport:
    """Send a body of any size up to the gateway's limit; it is counted and let go."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return NetworkReport(
        request_size_bytes=size, is_large_payload=size >= LARGE_BYTES, timestamp=watch.moment()
    )


@router.get(
    "/network/large-response",
    operation_id="test_large_response",
    response_class=StreamingResponse,
    responses=LIMITED,
)
async def try_large_response(
    _: Diagnostician, size_mb: Annotated[int, Query(ge=1, le=10)] = 1
) -> StreamingResponse:
    """An answer of so many MiB of text, in pieces."""

    async def pieces() -> Any:
        for _ in range(size_mb * 16):
            yield b"0123456789abcdef" * 4096

    return StreamingResponse(pieces(), media_type="text/plain")
