"""Brings a room's tables to what its code expects, once, at start."""

import structlog

from autograph.core.problem import Unavailable
from autograph.server.settings import BadSettings
from autograph.storage.migrations import upgrade
from autograph.storage.sql import Database

_log = structlog.get_logger(__name__)


async def migrate(database: Database, room: str) -> None:
    """Apply what is missing; two processes that start at once wait for each other.

    Raises:
        BadSettings: The database does not answer.
    """
    try:
        has_changed = await upgrade(database, room)
    except Unavailable as problem:
        raise BadSettings(
            f"{problem.detail} See that it runs and that AUTOGRAPH_DATABASE_URL names it."
        ) from problem
    if has_changed:
        _log.info("schema.upgraded", room=room)
