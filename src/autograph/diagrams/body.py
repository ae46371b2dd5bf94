"""Reads a request's body piece by piece, and stops as soon as it is larger than allowed."""

from starlette.requests import ClientDisconnect, Request

from autograph.core.problem import Malformed, TooLarge


async def read_body(request: Request, largest_bytes: int) -> bytes:
    """Return the whole body.

    Raises:
        TooLarge: More than `largest_bytes`, announced or counted while reading; no more than that is kept.
        Malformed: The client hung up half-way, or announced a length that is no number.
    """
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal():
        raise Malformed("the announced length is not a number")
    if int(announced[:20]) > largest_bytes:
        raise _too_large(largest_bytes)
    pieces, size = [], 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > largest_bytes:
                raise _too_large(largest_bytes)
            pieces.append(piece)
    except ClientDisconnect as reason:
        raise Malformed("the request ended half-way") from reason
    return b"".join(pieces)


def _too_large(largest_bytes: int) -> TooLarge:
    return TooLarge(f"at most {largest_bytes:,} bytes are taken here", limit_bytes=largest_bytes)
