"""The audit log over HTTP: search, export, verification, and that whoever looks is seen."""

import csv
import io
from urllib.parse import quote

import pytest
from sqlalchemy import update
from tests.identity import HEADER, assertion

from autograph.auth.audit import log as audit_log
from autograph.auth.store import people
from autograph.auth.tables import audit_records

pytestmark = pytest.mark.feature("auth.audit")

PATH = "/api/auth/admin/audit-logs"


@pytest.fixture
def record(auth, database):
    """Adds a record."""

    async def record(event="thing.made", **more):
        async with database.begin() as connection:
            await auth.state.parts.audit.record(connection, event, **more)

    return record


@pytest.fixture
def look(call, keys, clock):
    """Asks as somebody with these roles and returns the answer."""

    async def look(query="", *, path=PATH, roles=("admin",), **more):
        headers = {HEADER: assertion(keys, clock, "auditor", roles=roles, **more)}
        return await call("GET", path + query, headers=headers)

    return look


@pytest.fixture
async def found(look):
    """Events that a search finds, the newest first."""

    async def found(query):
        answer = await look(f"?{query}")
        assert answer.status == 200, answer.body
        return [item["event"] for item in answer.json()["items"]]

    return found


async def test_only_for_auditors(look, call):
    """Without the permission there is nothing to see, to export or to verify."""
    for path in (PATH, f"{PATH}/export", f"{PATH}/verify"):
        assert (await look(path=path, roles=("editor",))).slug == "forbidden"
        assert (await call("GET", path)).slug == "unauthenticated"


async def test_what_is_told(look, ada, record, sign_in):
    """An entry says who, what, when, to whom and from where, with names as they are now."""
    await sign_in()
    await sign_in(password="wrong wrong wrong")
    refused, opened, made = (await look()).json()["items"]
    assert (refused["event"], refused["outcome"], refused["actor"]) == ("session.refused", "failure", None)
    assert refused["subject"] == {"kind": "user", "id": ada["id"], "name": "Ada"}
    assert refused["email"] == "ada@example.org"
    assert opened["actor"] == {"id": ada["id"], "name": "Ada", "email": "ada@example.org"}
    assert opened["subject"]["kind"] == "session"
    assert made["details"] == {"how": "registration", "roles": ["editor"]}
    assert [item["number"] for item in (refused, opened, made)] == [3, 2, 1]


async def test_looking_is_seen(look, ada):
    """Whoever reads, exports or verifies the log stands in it, with what they looked for but no address."""
    await look("?event=session.&actor=ada@example.org&q=ada%40&outcome=failure")
    await look(path=f"{PATH}/export", query="?format=json&subject=7")
    await look(path=f"{PATH}/verify")
    verified, exported, read = (await look()).json()["items"][:3]
    assert read["event"] == "audit.read"
    assert read["details"] == {
        "filters": {"event": "session.", "actor": True, "text": True, "outcome": "failure"}
    }
    assert (exported["event"], exported["details"]["format"]) == ("audit.exported", "json")
    assert (verified["event"], verified["actor"]["id"]) == ("audit.verified", "auditor")


async def test_filters(found, record, ada, clock):
    """Each filter leaves what it names, and they narrow one another."""
    await record("key.made", actor=ada["id"], subject=("key", "k1"))
    clock.wind(hours=1)
    noon = quote(clock.now().isoformat())
    await record("key.used", actor="gone", subject=("key", "k2"), outcome="failure", email="bob@example.org")
    await record("role.made", subject=("user", ada["id"]))
    assert await found(f"from={noon}&event=key") == ["key.used"]
    assert await found(f"to={noon}") == ["key.made", "account.made"]
    assert await found("event=key.") == ["key.used", "key.made"]
    assert await found("event=ey.") == []
    assert await found(f"actor={ada['id']}") == ["key.made", "account.made"]
    assert await found("actor=ADA@example.org&event=key") == ["key.made"]
    assert await found("subject=k2") == ["key.used"]
    assert await found("outcome=failure") == ["key.used"]
    assert await found("q=BOB@") == ["key.used"]
    assert await found("q=ole.m") == ["role.made"]
    assert await found("q=Ada&event=role") == ["role.made"]
    assert await found("q=k1") == ["key.made"]
    assert await found("q=" + quote("%")) == []
    assert await found("event=" + quote("k_y")) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-03-01T12:00:00", "from"),
        ("to=never", "to"),
        ("from=0001-01-01T00:00:00%2B14:00", "from"),
        ("outcome=maybe", "outcome"),
        ("before=0", "before"),
        ("before=99999999999999999999", "before"),
        ("page_size=201", "page_size"),
        ("q=%00", "q"),
        ("event=" + "a" * 101, "event"),
    ],
)
async def test_bad_filters(look, query, field):
    """A filter that means nothing is named."""
    assert (await look(f"?{query}")).wrong_fields == {field}


async def test_pages(look, record):
    """Pages follow one another without gaps while the log grows, and the last one says that it is."""
    for _ in range(5):
        await record()
    seen, query = [], "?page_size=2&event=thing."
    while query:
        page = (await look(query)).json()
        seen += [item["number"] for item in page["items"]]
        query = page["next_before"] and f"?page_size=2&event=thing.&before={page['next_before']}"
    assert seen == [5, 4, 3, 2, 1]


async def test_erased(look, record, database):
    """What was erased is said to be."""
    await record(email="bob@example.org")
    async with database.begin() as connection:
        await connection.execute(update(audit_records).values(personal=None))
    [entry] = (await look()).json()["items"]
    assert (entry["is_erased"], entry["email"]) == (True, "")


async def test_csv(look, record, auth, database, monkeypatch):
    """The export is RFC 4180, the oldest first, and no cell of it is a formula."""
    monkeypatch.setattr(audit_log, "EXPORTED_AT_ONCE", 2)
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", 'say "hi",\nthen', "plain"]
    for text in hostile:
        await record(subject=("key", text), email=text)
    answer = await look(path=f"{PATH}/export", query="?event=thing.")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert answer.body.count(b"\r\n") == len(hostile) + 1
    rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, len(hostile) + 1)]
    for text, row in zip(hostile, rows, strict=True):
        safe = text if text[0] not in "=+-@\t\r" else f"'{text}"
        assert (row["subject_id"], row["email"]) == (safe, safe)
        assert not any((cell or "").startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


async def test_json(look, record, ada, monkeypatch):
    """The same as JSON: one list, whole, also when it is empty."""
    monkeypatch.setattr(audit_log, "EXPORTED_AT_ONCE", 2)
    for _ in range(4):
        await record(actor=ada["id"], subject=("user", ada["id"]), many=[1, {"a": "ü"}])
    answer = await look(path=f"{PATH}/export", query="?event=thing.&format=json")
    rows = answer.json()
    assert len(rows) == 4
    assert rows[0]["details"] == {"many": [1, {"a": "ü"}]}
    assert (rows[0]["actor_name"], rows[0]["subject_name"]) == ("Ada", "Ada")
    assert answer.headers["content-type"] == "application/json"
    assert (await look(path=f"{PATH}/export", query="?event=none&format=json")).json() == []
    assert (await look(path=f"{PATH}/export", query="?format=xml")).wrong_fields == {"format"}


async def test_export_has_no_secrets(look, ada, sign_in, database):
    """Neither a password nor a token is in the log, whatever was tried."""
    answer = await sign_in(password="Not The Password 1")
    tokens = (await sign_in()).json()
    assert answer.status == 401
    exported = (await look(path=f"{PATH}/export", query="?format=json")).body.decode()
    for secret in ("Not The Password 1", tokens["access_token"], tokens["refresh_token"]):
        assert secret not in exported
    async with database.read() as connection:
        _, password_hash = await people.person_by_email(connection, ada["email"])
    assert password_hash not in exported


async def test_verify(look, record, database):
    """The verdict says that all is well, and after a change what is wrong."""
    for _ in range(3):
        await record()
    found = (await look(path=f"{PATH}/verify")).json()
    assert (found["is_whole"], found["records"], found["broken"]) == (True, 3, None)
    async with database.begin() as connection:
        await connection.execute(update(audit_records).where(audit_records.c.number == 2).values(event="a.b"))
    found = (await look(path=f"{PATH}/verify")).json()
    assert found["is_whole"] is False
    assert (found["broken"]["number"], found["broken"]["fault"]) == (2, "changed")


async def test_one_verification_at_a_time(look, auth):
    """A second one is told to wait, so that nobody keeps the machine busy with it."""
    async with auth.state.audit_log._verifying:
        answer = await look(path=f"{PATH}/verify")
    assert (answer.status, answer.slug) == (409, "verification-running")


async def test_verification_has_an_end(look, record, monkeypatch):
    """What cannot be verified in time is not called whole."""
    monkeypatch.setattr(audit_log, "VERIFY_SECONDS", -1.0)
    monkeypatch.setattr("autograph.auth.audit.verify.BATCH", 2)
    for _ in range(3):
        await record()
    found = (await look(path=f"{PATH}/verify")).json()
    assert (found["is_whole"], found["is_finished"], found["records"]) == (False, False, 2)


async def test_times_are_utc(look, record, clock):
    """Moments are told in UTC, to the microsecond."""
    clock.wind(microseconds=12)
    await record()
    [entry] = (await look()).json()["items"]
    assert entry["at"] == clock.now().isoformat().replace("+00:00", "Z")
