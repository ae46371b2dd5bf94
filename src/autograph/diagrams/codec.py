"""Contents as they are kept: JSON compressed with zstd. Large ones are worked on in a thread."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import zstandard

from autograph.core.problem import Internal

LARGE_BYTES = 256 * 1024
LEVEL = 3

P = ParamSpec("P")
R = TypeVar("R")


async def off_the_loop(size_bytes: int, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Do `work` at once when it is about few bytes, else in a thread so that other requests go on."""
    if size_bytes <= LARGE_BYTES:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)


def compress(encoded: bytes) -> bytes:
    """Return `encoded` as one zstd frame that knows its own size."""
    packed: bytes = zstandard.compress(encoded, LEVEL)
    return packed


def decompress(packed: bytes, size_bytes: int) -> bytes:
    """Return what was compressed; it has `size_bytes`.

    Raises:
        Internal: The stored bytes are damaged.
    """
    try:
        encoded: bytes = zstandard.decompress(packed, max_output_size=size_bytes)
    except zstandard.ZstdError as reason:
        raise Internal("stored contents are damaged") from reason
    if len(encoded) != size_bytes:
        raise Internal("stored contents are damaged")
    return encoded
