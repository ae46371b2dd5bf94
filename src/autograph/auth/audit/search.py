"""What is looked for in the audit log."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from autograph.auth.audit.chain import Record


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records; None and empty text stand for all.

    Attributes:
        since: The first moment.
        until: The first moment that is too late.
        event: How the event's name begins.
        actor: Account that did it, by id or address.
        subject: Id of what it was done to.
        outcome: ``success`` or ``failure``.
        text: Somewhere in the event, the subject, an address, or the name or address of who did it or to whom.
    """

    since: datetime | None = None
    until: datetime | None = None
    event: str = ""
    actor: str = ""
    subject: str = ""
    outcome: str = ""
    text: str = ""

    def told(self) -> dict[str, Any]:
        """Return what the log itself may say of a search: nothing that only concerns a person."""
        found: dict[str, Any] = {}
        for field in fields(self):
            if value := getattr(self, field.name):
                is_personal = field.name == "text" or "@" in str(value)
                found[field.name] = (
                    True if is_personal else value.isoformat() if isinstance(value, datetime) else value
                )
        return found


@dataclass(frozen=True, slots=True)
class Named:
    """An account that a record speaks of, as it is called now."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A record, with the names of the accounts in it; None for accounts that are gone and for other things."""

    record: Record
    actor: Named | None
    subject: Named | None
