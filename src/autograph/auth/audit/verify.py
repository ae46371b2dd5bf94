"""Walks the log and says whether it is whole: constant memory, and no longer than it is given."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from autograph.auth.audit import chain, store
from autograph.auth.audit.chain import START, Record
from autograph.auth.audit.checkpoints import Checkpoint, Checkpoints, Forged, Unreadable
from autograph.auth.vault import Vault
from autograph.core.clock import Clock
from autograph.storage.sql import Database

BATCH = 500

Fault = Literal["changed", "missing", "out of order", "wrong MAC", "cut off", "not signed here", "rewritten"]
"""What may be wrong. *Cut off*: newer records were there. *Rewritten*: whole, but not what a checkpoint saw."""

Progress = Callable[[int, int], None]
"""Is told how many records were looked at, and how many there are."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that is wrong.

    Attributes:
        number: Of the record; for checkpoints that were not signed here, of the line.
        what: One sentence.
    """

    number: int
    fault: Fault
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found.

    Attributes:
        first: Number of the first record that was looked at; those before were removed because of their age.
        last: Number of the last one that was found right.
        records: How many were found right.
        erased: Of these, whose personal part was erased.
        checkpoints: Checkpoints that the log was held against.
        unreadable: Lines of their file that are none, such as one whose writing was cut off.
        checkpointed_at: When the newest checkpoint was written; None without one, when a log whose newest records
            were cut off cannot be told from a whole one.
        is_finished: False when the time was over before the end.
        broken: The first thing that is wrong.
    """

    first: int = 0
    last: int = 0
    records: int = 0
    erased: int = 0
    checkpoints: int = 0
    unreadable: int = 0
    checkpointed_at: datetime | None = None
    is_finished: bool = True
    broken: Broken | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all was looked at, and all is right."""
        return self.is_finished and self.broken is None


class Verifier:
    """Verifies the log against its own chain, its head and the checkpoints.

    Args:
        database: Where the log is.
        vault: Whose keys made the chain.
        checkpoints: The file; None for an installation that keeps none.
        clock: Time.
    """

    def __init__(
        self, *, database: Database, vault: Vault, checkpoints: Checkpoints | None, clock: Clock
    ) -> None:
        self._database = database
        self._vault = vault
        self._checkpoints = checkpoints
        self._clock = clock

    async def verify(self, *, seconds: float | None = None, progress: Progress | None = None) -> Verdict:
        """Look at every record, the oldest first, until something is wrong.

        Args:
            seconds: After which to stop; None to take as long as it takes.
            progress: Is told after every batch.
        """
        until = None if seconds is None else self._clock.monotonic() + seconds
        walk = _Walk(self._vault)
        try:
            if self._checkpoints is not None:  # before the head: the log may grow meanwhile
                await asyncio.to_thread(walk.read, self._checkpoints)
            await self._walk(walk, until, progress or (lambda _done, _of: None))
        except _Found as found:
            return walk.verdict(broken=found.broken)
        except _TimeOver:
            return walk.verdict(is_finished=False)
        return walk.verdict()

    async def _walk(self, walk: "_Walk", until: float | None, progress: Progress) -> None:
        async with self._database.read() as connection:
            head, head_mac = await store.head(connection)
            newest = await store.newest(connection)
            walk.begin(*await store.base(connection))
        if newest > head:
            raise _Found(
                newest, "changed", f"There is a record {newest}, but the log's head was set to {head}."
            )
        first = walk.last
        while records := await self._after(walk.last, head):
            if records[0].number > walk.last + 1 and await self._was_removed(walk):
                continue
            await asyncio.to_thread(walk.check, records)
            progress(walk.last - first, head - first)
            if until is not None and self._clock.monotonic() > until and walk.last < head:
                raise _TimeOver
        walk.end(head, head_mac)

    async def _after(self, number: int, head: int) -> list[Record]:
        async with self._database.read() as connection:
            return await store.after(connection, number, through=head, most=BATCH)

    async def _was_removed(self, walk: "_Walk") -> bool:
        """Whether what is missing was removed because of its age while we walked; then go on behind it."""
        async with self._database.read() as connection:
            base, mac = await store.base(connection)
        if base <= walk.last:
            return False
        walk.begin(base, mac)
        return True


class _TimeOver(Exception):  # noqa: N818 - ends the walk
    pass


class _Found(Exception):  # noqa: N818 - ends the walk
    def __init__(self, number: int, fault: Fault, what: str) -> None:
        super().__init__(what)
        self.broken = Broken(number, fault, what)


class _Walk:
    """How far a verification has come."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._signed: deque[Checkpoint] = deque()
        self._newest_signed: Checkpoint | None = None
        self._first = 0
        self.last, self._before = 0, START
        self._records = self._erased = self._unreadable = self._compared = 0

    def read(self, checkpoints: Checkpoints) -> None:
        """Read the file of checkpoints."""
        found = []
        for line, checkpoint in enumerate(checkpoints, 1):
            if isinstance(checkpoint, Forged):
                raise _Found(
                    line, "not signed here", f"Line {line} of {checkpoints.path} was not signed with our key."
                )
            if isinstance(checkpoint, Unreadable):
                self._unreadable += 1
            else:
                found.append(checkpoint)
        self._signed = deque(sorted(found, key=lambda one: one.number))
        self._newest_signed = self._signed[-1] if found else None
        if found:
            oldest_kept = max(found, key=lambda one: one.base)
            self.begin(oldest_kept.base, oldest_kept.base_mac)

    def begin(self, base: int, mac: bytes) -> None:
        """Go on behind a record that was removed because of its age, unless we are there already."""
        if base > self.last:
            self.last, self._before = base, mac

    def check(self, records: list[Record]) -> None:
        """Look at the records that come next; raises _Found."""
        for index, record in enumerate(records):
            expected = self.last + 1
            if record.number != expected:
                raise _Found(expected, "missing", f"Record {expected} is missing.")
            mac = chain.mac(self._vault, self._before, record)
            if not self._is_personal(record, record.number) or mac != record.mac:
                raise self._told(record, mac, records[index + 1 :])
            self._compare(record)
            self._first = self._first or record.number
            self.last, self._before = record.number, record.mac
            self._records += 1
            self._erased += record.personal is None

    def end(self, head: int, head_mac: bytes) -> None:
        """All that is there was right; raises _Found if there was more once."""
        if self.last < head:
            raise _Found(
                self.last + 1,
                "missing",
                f"Record {self.last + 1} and all after it are missing, up to {head}.",
            )
        if self._signed and self._signed[-1].number > self.last:
            lost = self._signed[-1]
            raise _Found(
                self.last + 1,
                "cut off",
                f"The log ends with record {self.last}, but there were {lost.number} on {lost.at:%Y-%m-%d %H:%M} UTC.",
            )
        if self._before != head_mac:
            raise _Found(head, "changed", f"The log's head does not go with record {head}.")

    def verdict(self, *, broken: Broken | None = None, is_finished: bool = True) -> Verdict:
        """Return what was found until now."""
        return Verdict(
            first=self._first,
            last=self.last if self._records else 0,
            records=self._records,
            erased=self._erased,
            checkpoints=self._compared,
            unreadable=self._unreadable,
            checkpointed_at=self._newest_signed.at if self._newest_signed else None,
            is_finished=is_finished,
            broken=broken,
        )

    def _compare(self, record: Record) -> None:
        while self._signed and self._signed[0].number <= record.number:
            checkpoint = self._signed.popleft()
            if checkpoint.number == record.number and checkpoint.mac != record.mac:
                raise _Found(
                    record.number,
                    "rewritten",
                    f"Record {record.number} is not the one that was there on {checkpoint.at:%Y-%m-%d %H:%M} UTC.",
                )
            self._compared += checkpoint.number == record.number

    def _told(self, record: Record, mac: bytes, following: list[Record]) -> _Found:
        """Say what is wrong with a record, as well as it can be told."""
        number = record.number
        if not self._is_personal(record, number):
            others = (other.number for other in following)
            came_from = next((other for other in others if self._is_personal(record, other)), None)
            if came_from is not None:
                return _Found(
                    number, "out of order", f"Record {came_from} stands in place of record {number}."
                )
            return _Found(number, "changed", f"The address, device or e-mail of record {number} was changed.")
        if following and chain.mac(self._vault, mac, following[0]) == following[0].mac:
            return _Found(number, "wrong MAC", f"The MAC of record {number} was changed.")
        return _Found(number, "changed", f"Record {number} was changed, or was not written by us.")

    def _is_personal(self, record: Record, number: int) -> bool:
        return record.personal is None or record.personal_hash == chain.personal_hash(
            self._vault, number, record.personal
        )
