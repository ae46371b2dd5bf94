"""The chain: each record's MAC covers the record and the MAC before it. No I/O, no clock."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autograph.auth.vault import Vault

START = b"\x00" * 32
"""What stands before the first record."""


@dataclass(frozen=True, slots=True)
class Record:
    """One event.

    Attributes:
        number: 1 for the first of all; none is left out.
        event: What happened, such as ``session.opened``.
        outcome: ``success`` or ``failure``.
        actor_id: Account that did it; None for nobody known, or for the installation itself.
        subject_kind: What it was done to: ``user``, ``session``, ``role``, …
        subject_id: Which one.
        details: What else there is to say; neither secrets nor what only concerns a person.
        personal: Address, device and e-mail address; None once it has been erased.
        personal_hash: Keyed hash of `personal`, which stays when that is erased.
        mac: Keyed hash of all of it but `personal`, and of the MAC before.
    """

    number: int
    at: datetime
    event: str
    outcome: str
    actor_id: str | None
    subject_kind: str
    subject_id: str
    correlation_id: str
    details: dict[str, Any]
    personal: dict[str, str] | None
    personal_hash: bytes
    mac: bytes


def personal_hash(vault: Vault, number: int, personal: dict[str, str]) -> bytes:
    """Return the hash by which erased personal data can still be told from changed data."""
    return vault.mac("audit personal", _canonical([number, personal]))


def mac(vault: Vault, before: bytes, record: Record) -> bytes:
    """Return the MAC that `record` must bear after a record with the MAC `before`."""
    covered = [
        record.number, record.at.astimezone(UTC).isoformat(timespec="microseconds"), record.event, record.outcome,
        record.actor_id, record.subject_kind, record.subject_id, record.correlation_id, record.details,
        record.personal_hash.hex(),
    ]  # fmt: skip
    return vault.mac("audit chain", before + _canonical(covered))


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
