"""Contents survive compression, damage is noticed, and much work never stands in the way of little."""

import asyncio
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograph.core.problem import Internal
from autograph.diagrams.codec import LARGE_BYTES, compress, decompress, off_the_loop


@given(st.binary())
def test_what_goes_in_comes_out(encoded):
    """Compression is lossless for any bytes, none included."""
    assert decompress(compress(encoded), len(encoded)) == encoded


@pytest.mark.parametrize(
    "change",
    [lambda p: p[:-1], lambda p: b"", lambda p: b"x" + p, lambda p: p[:-6] + bytes([p[-6] ^ 1]) + p[-5:]],
)
def test_damage_is_noticed(change):
    """Cut or altered bytes are an internal problem, never other contents."""
    encoded = b"some contents " * 100
    with pytest.raises(Internal):
        decompress(change(compress(encoded)), len(encoded))


def test_a_frame_that_claims_more_is_refused():
    """What inflates to another size than was kept is damaged: no bomb unpacks."""
    with pytest.raises(Internal):
        decompress(compress(b"\0" * 100_000_000), 1_000)


async def test_little_is_done_at_once_and_much_elsewhere():
    """Up to 256 KiB the loop's own thread does it; beyond, another one."""
    here = threading.get_ident()
    assert await off_the_loop(LARGE_BYTES, threading.get_ident) == here
    assert await off_the_loop(LARGE_BYTES + 1, threading.get_ident) != here


async def test_two_large_works_at_most_run_at_once():
    """Ten large works take turns, so that memory stays bounded."""
    running, most = 0, 0

    def work():
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.01)
        running -= 1

    await asyncio.gather(*(off_the_loop(LARGE_BYTES + 1, work) for _ in range(10)))
    assert most == 2
