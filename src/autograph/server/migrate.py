"""Brings a room's tables to what its code expects, once, at start."""

import structlog

from autograph.storage.migrations import upgrade
from autograph.storage.sql import Database

_log = structlog.get_logger(__name__)


async def migrate(database: Database, room: str) -> None:
    """Apply what is missing; two processes that start at once wait for each other."""
    if await upgrade(database, room):
        _log.info("schema.upgraded", room=room)
