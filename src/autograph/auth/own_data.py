"""All that is one person's, as files: out of auth's own tables, and through the doors of the other rooms."""

import json
from collections.abc import AsyncIterator
from typing import Any

from autograph.auth.archive import File
from autograph.auth.audit.chain import Record
from autograph.auth.parts import Parts
from autograph.auth.store import own_data, people
from autograph.auth.tokens import write_assertion
from autograph.clients.diagrams import Belonging
from autograph.core.problem import NotFound, Problem, Unauthenticated
from autograph.model.principal import Principal

RECORDS_AT_ONCE = 500

ABOUT = """\
All that AutoGraph keeps of you.

account.json               who you are here, and what proves it
sessions.json              where you are and were signed in
api-keys.json              your keys, without their secrets
passkeys.json              your passkeys
identities.json            providers that you sign in with
teams.json                 your teams
invitations-*.json         invitations that you made or got
mails.json                 mails that were written to you, without their texts: these hold links
flags.json                 features that are set for you by name
audit-log.jsonl            what you did and what was done to your account, a record a line
documents/*.json           your documents, those in the trash too, with every version
documents/*.svg            their pictures

Passwords, secrets and hashes are not in here, and nothing of what others keep.
What the installation keeps of how it runs (logs, reports of errors) names you by your id alone.
"""


class OwnData:
    """Reads it piece by piece, on behalf of the person; it ends when their session does."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def files(
        self, principal: Principal, flags: list[str], first: list[Belonging]
    ) -> AsyncIterator[File]:
        """Yield files; `flags` name the person, `first` are the first of their documents."""
        async with self._parts.database.read() as connection:
            account = await own_data.account(connection, principal.user_id)
            lists = await own_data.of_account(connection, principal.user_id, principal.email)
        yield "README.txt", _whole(ABOUT.encode())
        for name, content in {"account": account, **lists, "flags": flags}.items():
            yield f"{name}.json", _whole(_json(content))
        yield "audit-log.jsonl", self._records(principal.user_id)
        page = first
        while page:
            for document in page:
                await self._demand_session(principal)
                yield f"documents/{document.id}.json", self._document(principal, document)
                if document.picture_version is not None:
                    yield f"documents/{document.id}.svg", self._picture(principal, document)
            page = await self._parts.documents.belongings(page[-1].id, identity=self.proof(principal))

    def proof(self, principal: Principal) -> str:
        """Return a fresh proof of who asks: one is good for a minute, and this may take longer."""
        return write_assertion(self._parts.keys, principal, ends=None, now=self._parts.clock.now())[0]

    async def _records(self, user_id: str) -> AsyncIterator[bytes]:
        after = 0
        while True:
            async with self._parts.database.read() as connection:
                found = await own_data.audit_records_of(
                    connection, user_id, after=after, most=RECORDS_AT_ONCE
                )
            if not found:
                return
            yield "".join(
                json.dumps(_told(record, user_id), ensure_ascii=False) + "\n" for record in found
            ).encode()
            after = found[-1].number

    async def _document(self, principal: Principal, document: Belonging) -> AsyncIterator[bytes]:
        """Yield one object: what describes the document, and its versions, the first one first."""
        yield document.model_dump_json().encode()[:-1] + b',"versions":['
        between = b"\n"
        for number in range(1, document.version + 1):
            try:
                version = await self._parts.documents.kept_version(
                    document.id, number, identity=self.proof(principal)
                )
            except Problem as reason:
                if reason.status == NotFound.status:  # removed, or given away, meanwhile
                    continue
                raise
            yield between + version
            between = b",\n"
        yield b"\n]}\n"

    async def _picture(self, principal: Principal, document: Belonging) -> AsyncIterator[bytes]:
        try:
            yield await self._parts.documents.kept_picture(document.id, identity=self.proof(principal))
        except Problem as reason:
            if reason.status != NotFound.status:
                raise

    async def _demand_session(self, principal: Principal) -> None:
        async with self._parts.database.read() as connection:
            found = await people.session_by_id(connection, principal.session_id)
        if found is None or not found[0].is_alive(self._parts.clock.now()) or found[1].disabled_at:
            raise Unauthenticated


def _told(record: Record, user_id: str) -> dict[str, Any]:
    """Return a record; from where others did something is theirs."""
    personal = (record.personal or {}) if record.actor_id in {None, user_id} else {}
    return {
        "number": record.number,
        "at": record.at.isoformat(),
        "event": record.event,
        "outcome": record.outcome,
        "actor_id": record.actor_id,
        "subject_kind": record.subject_kind,
        "subject_id": record.subject_id,
        "details": record.details,
        "address": personal.get("address", ""),
        "device": personal.get("device", ""),
    }


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
