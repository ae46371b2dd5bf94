"""Tells auth's audit log what an administrator has changed in another room.

A change is made first and told after: while auth is away it is made all the same, and the event stands in the
service's own log as an error (`audit.not_recorded`). So no broken log keeps anybody from ending an incident.
"""

import asyncio
from typing import Annotated, Any, Literal

import structlog
from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from autograph.clients.identity import IDENTITY_HEADER
from autograph.clients.transport import Transport
from autograph.core.problem import Problem, Unavailable

RECORD_PATH = "/internal/audit"
PATIENCE_SECONDS = 3.0
MOST_DETAILS = 30

Outcome = Literal["success", "failure"]

_log = structlog.get_logger(__name__)


class Happened(BaseModel):
    """One event. Who did it is not said here: it is proven by the identity assertion that comes along.

    Attributes:
        event: Thing and verb, such as ``flag.changed``.
        subject_kind: What it was done to; `subject_id` says which one.
        details: Never a secret, nor what only concerns a person.
        address: From where it was asked for; `device` by what.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=64)
    outcome: Outcome = "success"
    subject_kind: str = Field(default="", max_length=24)
    subject_id: str = Field(default="", max_length=100)
    details: dict[str, Any] = Field(default_factory=dict, max_length=MOST_DETAILS)
    address: str = Field(default="", max_length=45)
    device: str = Field(default="", max_length=300)


class AuditClient:
    """Typed calls to auth's audit log, in this process or another."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def record(self, happened: Happened, *, identity: str) -> None:
        """Add a record of what the holder of the assertion `identity` has done.

        Raises:
            Unauthenticated: The assertion is none.
            Unavailable: Auth does not answer, or not in time.
        """
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._transport.request(
                    "POST",
                    RECORD_PATH,
                    headers={IDENTITY_HEADER: identity},
                    json=happened.model_dump(mode="json"),
                )
        except TimeoutError:
            raise Unavailable("The audit log does not answer.") from None


class Witness:
    """Has seen who asked for what is done now, and writes it down.

    Args:
        client: Where to.
        request: What is being served; its asker has been proven.
    """

    def __init__(self, client: AuditClient, request: Request) -> None:
        self._client = client
        self._identity = request.headers.get(IDENTITY_HEADER, "")
        self._address = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()[:45]
        self._device = "".join(
            letter for letter in request.headers.get("user-agent", "") if letter.isprintable()
        )

    async def tell(self, event: str, subject: tuple[str, str] = ("", ""), **details: Any) -> None:
        """Add a record; when that cannot be done, say so in the log of this service and go on.

        Args:
            event: Thing and verb, such as ``flag.changed``.
            subject: Kind and id of what it was done to.
            details: More, as JSON; never a secret.
        """
        happened = Happened(
            event=event,
            subject_kind=subject[0],
            subject_id=subject[1][:100],
            details=details,
            address=self._address,
            device=self._device[:300],
        )
        told = happened.model_dump(exclude={"address", "device"})
        if not self._identity:  # this machine itself, where that may diagnose without proof
            _log.warning("audit.nobody", happened=told)
            return
        try:
            await self._client.record(happened, identity=self._identity)
        except Problem as reason:
            _log.error("audit.not_recorded", reason=str(reason), happened=told)


def _witness(request: Request) -> Witness:
    return Witness(request.app.state.audit, request)


Witnessed = Annotated[Witness, Depends(_witness)]
"""For routes by which an administrator changes something. Needs ``app.state.audit``, an `AuditClient`."""
