"""The far end of an `AuditClient`: remembers what it is told, or is away."""

import json

from autograph.clients.audit import AuditClient
from autograph.clients.transport import Reply
from autograph.core.problem import Unavailable


class Notes:
    """A transport to nowhere. `events` are those it was told; `client` is what services get."""

    def __init__(self) -> None:
        self.told, self.is_away = [], False
        self.client = AuditClient(self)

    @property
    def events(self) -> list[tuple[str, str, str]]:
        """Event, kind and id of each."""
        return [(one["event"], one["subject_kind"], one["subject_id"]) for one in self.told]

    async def request(self, method, path, *, headers, json: object = None, content=None) -> Reply:
        """Take one event."""
        if self.is_away:
            raise Unavailable
        assert (method, path) == ("POST", "/internal/audit")
        assert headers["x-autograph-identity"]
        self.told.append(_travelled(json))
        return Reply(204, {}, b"")


def _travelled(body: object) -> dict:
    return json.loads(json.dumps(body))
