"""Contents as they are kept: JSON compressed with zstd. Large ones are worked on in a thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

import zstandard

from autograph.core.problem import Internal

LARGE_BYTES = 256 * 1024
LEVEL = 3

_LARGE_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="contents")
"""Two, whatever comes: parsed, 25 MB of JSON take ten times that in memory."""

P = ParamSpec("P")
R = TypeVar("R")


async def off_the_loop(size_bytes: int, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Do `work` at once when it is about few bytes, else in one of two threads, so that others go on."""
    if size_bytes <= LARGE_BYTES:
        return work(*args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_LARGE_THREADS, partial(work, *args, **kwargs))


def compress(encoded: bytes) -> bytes:
    """Return `encoded` as one zstd frame that knows its own size and checksum."""
    packed: bytes = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(encoded)
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
