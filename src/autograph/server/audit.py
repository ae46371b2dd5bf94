"""What the command line does with the audit log: say whether it is whole."""

import asyncio
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograph.auth.audit.checkpoints import Checkpoints
from autograph.auth.audit.verify import Verdict, Verifier
from autograph.auth.vault import FILE_NAME as VAULT_FILE
from autograph.auth.vault import Vault
from autograph.core.clock import SystemClock
from autograph.server.settings import BadSettings, Settings
from autograph.storage.migrations import is_current
from autograph.storage.sql import open_database


def verify(settings: Settings, checkpoints: Path | None, *, console: Console) -> Verdict:
    """Walk the audit log of the installation that `settings` describe; it may be running meanwhile.

    Args:
        settings: The installation's.
        checkpoints: File of checkpoints in place of the one that is set, such as a copy kept elsewhere.
        console: Shows how far it is.

    Raises:
        BadSettings: There is no log, or no key to verify it with.
        Unavailable: The database does not answer.
    """
    path = settings.data / VAULT_FILE
    if not path.exists():
        raise BadSettings(
            f"There is no {path}, the key that made the log. Name its folder in AUTOGRAPH_DATA."
        )
    if checkpoints is not None and not checkpoints.exists():
        raise BadSettings(f"There is no file {checkpoints}.")
    try:
        vault = Vault.load(path)
    except ValueError as reason:
        raise BadSettings(f"{reason}.") from None
    signed = Checkpoints(checkpoints or settings.audit_checkpoints, vault)
    return asyncio.run(_verified(settings, vault, signed, console))


async def _verified(settings: Settings, vault: Vault, signed: Checkpoints, console: Console) -> Verdict:
    database = open_database(settings.database)
    try:
        if not await is_current(database, "auth"):
            raise BadSettings("This database has no audit log of this version. Start AutoGraph once.")
        verifier = Verifier(database=database, vault=vault, checkpoints=signed, clock=SystemClock())
        columns = (TextColumn("Verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("", total=None)
            return await verifier.verify(progress=lambda done, of: bar.update(task, completed=done, total=of))
    finally:
        await database.close()


def report(verdict: Verdict) -> list[str]:
    """Return what was found, in lines that a person reads."""
    if verdict.broken is not None:
        return [
            f"BROKEN ({verdict.broken.fault}): {verdict.broken.what}",
            f"Before that {verdict.records} records are right. Keep a copy of the database and of the checkpoints.",
        ]
    erased = f", {verdict.erased} of them without their personal part" if verdict.erased else ""
    lines = [f"OK: {verdict.records} records, {verdict.first} to {verdict.last}{erased}."]
    if verdict.checkpointed_at is None:
        lines.append("There is no checkpoint yet: whether the newest records were cut off cannot be told.")
    else:
        lines.append(
            f"{verdict.checkpoints} checkpoints agree, the newest of {verdict.checkpointed_at:%Y-%m-%d %H:%M} UTC."
        )
    if verdict.unreadable:
        lines.append(f"{verdict.unreadable} lines of their file cannot be read.")
    return lines
