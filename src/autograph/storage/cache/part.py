"""What a cache does, wherever its values are."""

from typing import Protocol

DEFAULT_TTL_SECONDS = 300.0


class Cache(Protocol):
    """A cache: what was set may be gone at any time, what is there is what was set."""

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None when it is not there (any more)."""
        ...

    async def set(self, key: str, value: bytes, ttl_seconds: float = DEFAULT_TTL_SECONDS) -> None:
        """Keep `value` for at most `ttl_seconds`."""
        ...

    async def delete(self, key: str) -> None:
        """Forget `key` now."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
