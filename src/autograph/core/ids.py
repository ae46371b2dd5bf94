"""Identifiers: fresh ones that sort by the time they were made, and ones that stand for something (RFC 9562)."""

import os
import time
from uuid import UUID


def new_id(now_ms: int | None = None) -> str:
    """Return a fresh UUIDv7 as 36 lower-case characters.

    Args:
        now_ms: Unix time in milliseconds; the machine's clock when absent.
    """
    milliseconds = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    noise = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (noise >> 68 & 0xFFF) << 64  # version, 12 random bits
    value |= 0b10 << 62 | (noise & 0x3FFF_FFFF_FFFF_FFFF)  # variant, 62 random bits
    return str(UUID(int=value))


def id_of_digest(digest: str) -> str:
    """Return the UUIDv8 that a hexadecimal digest of at least 32 digits stands for: always the same one.

    Raises:
        ValueError: It is no such digest.
    """
    value = int(digest[:32], 16)
    value = value & ~(0xF << 76) | 0x8 << 76  # version
    value = value & ~(0b11 << 62) | 0b10 << 62  # variant
    return str(UUID(int=value))
