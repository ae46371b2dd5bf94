"""What is done in other rooms stands in auth's audit log, by whom the identity assertion proves and nobody else."""

import pytest
from tests.clock import HandClock
from tests.identity import HEADER, assertion

from autograph.auth.keys import SigningKeys
from autograph.clients.audit import AuditClient, Happened
from autograph.clients.transport import LocalTransport
from autograph.core.problem import Problem, Unavailable

pytestmark = pytest.mark.feature("auth.audit")

CHANGED = Happened(
    event="flag.changed",
    subject_kind="flag",
    subject_id="x",
    details={"version": 1, "event": "no.such", "actor": "eve"},
    address="10.1.1.1",
    device="Browser",
)


@pytest.fixture
def client(auth):
    return AuditClient(LocalTransport(auth))


@pytest.fixture
async def newest(call, keys, clock):
    """The newest record."""

    async def newest():
        headers = {HEADER: assertion(keys, clock, "auditor", roles=("admin",))}
        answer = await call("GET", "/api/auth/admin/audit-logs", headers=headers)
        return next(iter(answer.json()["items"]), None)

    return newest


async def test_it_is_recorded(client, keys, clock, newest):
    """Actor, subject, details, address and device arrive; names in the details are nothing but details."""
    await client.record(CHANGED, identity=assertion(keys, clock, "eva", roles=("admin",)))
    found = await newest()
    assert (found["event"], found["actor"]["id"]) == ("flag.changed", "eva")
    assert found["subject"] == {"kind": "flag", "id": "x", "name": None}
    assert (found["address"], found["device"]) == ("10.1.1.1", "Browser")
    assert found["details"] == {"version": 1, "event": "no.such", "actor": "eve"}


async def test_a_key_is_named(client, keys, clock, newest):
    """What a key did is its owner's deed, and says by which key."""
    identity = assertion(keys, clock, "eva", roles=("admin",), key_id="k1", session_id="")
    await client.record(CHANGED, identity=identity)
    assert (await newest())["details"]["key"] == "k1"


async def test_nobody_writes_without_proof(client, clock, newest):
    """No assertion, one by another key and one that has expired write nothing."""
    strange = assertion(SigningKeys.generate(), clock, "eva", roles=("admin",))
    for identity in ("", "x.y.z", strange):
        with pytest.raises(Problem) as refused:
            await client.record(CHANGED, identity=identity)
        assert refused.value.status == 401
    assert await newest() is None


async def test_an_old_assertion_proves_nothing(client, keys, newest):
    """An assertion is good for a minute."""
    past = HandClock()
    past.wind(minutes=-2)
    with pytest.raises(Problem) as refused:
        await client.record(CHANGED, identity=assertion(keys, past, "eva", roles=("admin",)))
    assert refused.value.status == 401
    assert await newest() is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event", "Flag changed"),
        ("event", "session.opened\n"),
        ("event", "x" * 65),
        ("outcome", "maybe"),
        ("subject_kind", "x" * 25),
        ("subject_id", "x" * 101),
        ("details", {str(n): n for n in range(31)}),
        ("actor", "eve"),
    ],
)
async def test_what_is_not_an_event(call, keys, clock, field, value):
    """What does not fit is refused by name, before anything is written."""
    body = CHANGED.model_dump() | {field: value}
    headers = {HEADER: assertion(keys, clock, "eva", roles=("admin",))}
    assert (await call("POST", "/internal/audit", body, headers=headers)).wrong_fields == {field}


async def test_a_log_that_hangs(monkeypatch):
    """Nobody waits for a log that does not answer."""
    import asyncio

    monkeypatch.setattr("autograph.clients.audit.PATIENCE_SECONDS", 0.05)

    async def hang(*_):
        await asyncio.Event().wait()

    with pytest.raises(Unavailable):
        await AuditClient(LocalTransport(hang)).record(CHANGED, identity="x")
