"""Counters in Redis, shared by every process. One script counts all quotas of a call in one round trip."""

import math
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.asyncio.connection import BlockingConnectionPool
from redis.exceptions import RedisError

from autograph.core.calls import called
from autograph.core.problem import Unavailable
from autograph.storage.counters.part import Count, Quota, standing

PREFIX = "autograph:count:"
TIMEOUT_SECONDS = 0.1
"""Whoever waits for a count waits with a request: rather no count than a slow one."""

CONNECTIONS = 16

_SCRIPT = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local found = {tostring(now)}
local full = false
for index, key in ipairs(KEYS) do
  local limit, span = tonumber(ARGV[2 * index - 1]), tonumber(ARGV[2 * index])
  local window = math.floor(now / span)
  local before = tonumber(redis.call('GET', key .. ':' .. (window - 1)) or '0')
  local current = tonumber(redis.call('GET', key .. ':' .. window) or '0')
  if before * (span - now % span) / span + current + 1 > limit then full = true end
  found[2 * index] = before
  found[2 * index + 1] = current
end
if not full then
  for index, key in ipairs(KEYS) do
    local span = tonumber(ARGV[2 * index])
    local counted = key .. ':' .. math.floor(now / span)
    redis.call('INCR', counted)
    redis.call('EXPIRE', counted, 2 * span + 1)
  end
end
return found
"""
"""Returns the server's time, then for each key the counts of the last window and of this one, before the call."""


class RedisCounters:
    """Counts in Redis, by its own clock, so that processes need not agree on the time.

    Args:
        url: redis:// or rediss://.
        timeout_seconds: For a connection, for an answer, and half of what is waited for a free connection.
    """

    def __init__(self, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            max_connections=CONNECTIONS,
            timeout=2 * timeout_seconds,
        )
        self._redis = Redis.from_pool(pool)
        self._script = self._redis.register_script(_SCRIPT)

    async def take(self, quotas: Sequence[Quota]) -> list[Count]:
        """EVALSHA."""
        arguments = [value for quota in quotas for value in (quota.limit, quota.window_seconds)]
        try:
            with called("redis", "cache", "EVALSHA"):
                found = await self._script(keys=[PREFIX + quota.key for quota in quotas], args=arguments)
        except (RedisError, OSError) as error:
            raise Unavailable("The counters do not answer.") from error
        at = float(found[0])
        counts = [
            standing(quota, int(found[2 * n + 1]), int(found[2 * n + 2]), math.fmod(at, quota.window_seconds))
            for n, quota in enumerate(quotas)
        ]
        if not all(count.allowed for count in counts):
            return counts
        return [Count(count.remaining - 1, count.reset_seconds) for count in counts]

    async def close(self) -> None:
        """Close the pool."""
        await self._redis.aclose()
