"""What the command line does with accounts, for set-ups without a browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from autograph.auth.keys import SigningKeys
from autograph.auth.parts import Parts
from autograph.auth.service import Accounts, FirstRunDone
from autograph.auth.sessions import Sessions
from autograph.auth.vault import FILE_NAME as VAULT_FILE
from autograph.auth.vault import Vault
from autograph.core.clock import SystemClock
from autograph.server.migrate import migrate
from autograph.server.process import first_run_address, prepare_data_folder
from autograph.server.settings import Settings
from autograph.server.wiring import KEYS_FILE
from autograph.storage.sql import open_database


async def create_administrator(settings: Settings, email: str, name: str, password: str) -> None:
    """Add an administrator to the installation that `settings` describe; it may be running meanwhile.

    Raises:
        Problem: The address is taken or not one, or the password is too weak.
    """
    async with _accounts(settings) as accounts:
        await accounts.create_administrator(email, name, password)


async def first_run_link(settings: Settings) -> str:
    """Return a fresh link for the first administrator; earlier ones open nothing from now on.

    Raises:
        FirstRunDone: There is an administrator.
    """
    async with _accounts(settings) as accounts:
        code = await accounts.new_first_run_code()
    if code is None:
        raise FirstRunDone
    return first_run_address(settings, code)


@asynccontextmanager
async def _accounts(settings: Settings) -> AsyncIterator[Accounts]:
    prepare_data_folder(settings.data)
    database = open_database(settings.database)
    try:
        await migrate(database, "auth")
        keys = await asyncio.to_thread(SigningKeys.load, settings.data / KEYS_FILE)
        parts = Parts.made(
            database=database,
            clock=SystemClock(),
            settings=settings.auth,
            keys=keys,
            vault=await asyncio.to_thread(Vault.load, settings.data / VAULT_FILE),
            public_url=settings.reached_at,
        )
        try:
            yield Accounts(parts, Sessions(parts))
        finally:
            await parts.close()
    finally:
        await database.close()
