"""What the command line does with the keys that sign tokens."""

import asyncio
from datetime import datetime

from autograph.auth import keys
from autograph.auth.audit import Audit
from autograph.auth.vault import FILE_NAME as VAULT_FILE
from autograph.auth.vault import Vault
from autograph.core.clock import SystemClock
from autograph.server.migrate import migrate
from autograph.server.settings import BadSettings, Settings
from autograph.server.wiring import KEYS_FILE
from autograph.storage.sql import open_database


async def rotate(settings: Settings, *, at_once: bool) -> tuple[str, datetime]:
    """Make a new signing key for the installation that `settings` describe; it may be running meanwhile.

    Args:
        settings: The installation's.
        at_once: Whether the old keys are believed no more from now on.

    Returns:
        The new key's id, and from when on it signs.

    Raises:
        BadSettings: There are no keys, or they cannot be read.
        Unavailable: The database, which holds the audit log, does not answer.
    """
    path, clock = settings.data / KEYS_FILE, SystemClock()
    if not path.exists():
        raise BadSettings(f"There is no {path}. Name its folder in AUTOGRAPH_DATA, where auth runs.")
    database = open_database(settings.database)
    try:
        await migrate(database, "auth")
        vault = await asyncio.to_thread(Vault.load, settings.data / VAULT_FILE)
        async with database.begin() as connection:
            kid, signs_from = await asyncio.to_thread(keys.rotate, path, now=clock.now(), at_once=at_once)
            await Audit(vault, clock).record(
                connection, "signing_key.rotated", subject=("signing_key", kid), at_once=at_once
            )
    except ValueError as reason:
        raise BadSettings(f"{reason}.") from None
    finally:
        await database.close()
    return kid, signs_from
