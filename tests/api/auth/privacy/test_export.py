"""Somebody gets all that is theirs, and nothing else."""

import io
import json
import zipfile

import pytest
from sqlalchemy import select, update
from tests.caller import Caller

from autograph.auth import own_data
from autograph.auth.privacy import MOST_EXPORTS
from autograph.auth.tables import api_keys, passkeys, refresh_tokens, sessions, totp_secrets, users
from autograph.core.problem import Unavailable

pytestmark = pytest.mark.feature("security.privacy")

EXPORT = "/api/auth/gdpr/export"


async def test_everything_of_a_person_is_in_it(ada, root, somebody, rooms):
    """Account, sessions, keys, teams, invitations, mails, flags, audit records, and documents with every version."""
    kept, trashed = await ada.drawn("Shop", versions=3), await ada.drawn("Old", trashed=True)
    await ada("POST", "/api/auth/api-keys", {"name": "build server", "scopes": ["read"]})
    team = (await ada("POST", "/api/auth/teams", {"name": "Drawers"})).json()
    invited = {"emails": ["new@example.org"], "team_id": team["id"]}
    assert (await ada("POST", "/api/auth/invitations", invited)).status == 200
    flag = {"expected_version": 0, "allow": ["ADA@example.org"], "percentage": 0}
    assert (await root("PUT", "/api/admin/feature-flags/next-thing", flag)).status == 200

    found = await ada.exported()

    told = {name: json.loads(content) for name, content in found.items() if name.endswith(".json")}
    assert told["account.json"]["email"] == "ada@example.org"
    assert told["account.json"]["has_password"] is True
    assert [one["address"] for one in told["sessions.json"]] == [""]
    assert [(one["name"], one["scopes"]) for one in told["api-keys.json"]] == [("build server", ["read"])]
    assert [(one["name"], one["role"]) for one in told["teams.json"]] == [("Drawers", "owner")]
    assert [one["email"] for one in told["invitations-made.json"]] == ["new@example.org"]
    assert {one["kind"] for one in told["mails.json"]} == {"security"}
    assert told["flags.json"] == ["next-thing"]
    lines = [json.loads(line) for line in found["audit-log.jsonl"].splitlines()]
    assert {"account.made", "session.opened", "key.made", "team.made", "account.exported"} <= {
        line["event"] for line in lines
    }
    assert lines[-1]["device"] == "Browser of Ada"
    shop, old = told[f"documents/{kept}.json"], told[f"documents/{trashed}.json"]
    assert [one["contents"]["note"] for one in shop["versions"]] == ["Shop 1", "Shop 2", "Shop 3"]
    assert [one["version"] for one in shop["versions"]] == [1, 2, 3]
    assert (shop["deleted_at"], bool(old["deleted_at"])) == (None, True)
    assert b"<rect" in found[f"documents/{kept}.svg"]
    assert b"<rect" in found[f"documents/{trashed}.svg"]


async def test_no_secret_and_nothing_of_others_is_in_it(ada, root, somebody, database, clock):
    """No hash, token, key or code; not who else is there, and not from where an administrator works."""
    bob = await somebody("Bob")
    hidden = await bob.drawn("Secret plan")
    key = (await ada("POST", "/api/auth/api-keys", {"name": "k", "scopes": ["read"]})).json()["key"]
    app = (await ada("POST", "/api/auth/mfa/setup", {"current_password": "correct horse battery"})).json()
    assert (await root("PATCH", f"/api/auth/admin/users/{ada.id}", {"name": "Ada L."})).status == 200

    text = b"\n".join((await ada.exported()).values()).decode()

    async with database.read() as connection:
        columns = (
            users.c.password_hash, api_keys.c.token_hash, refresh_tokens.c.token_hash,
            totp_secrets.c.sealed_secret,
        )  # fmt: skip
        secrets = [value for column in columns for value in await connection.scalars(select(column))]
    assert len(secrets) > 4
    for secret in [key, app["secret"], ada.token, *secrets]:
        assert (secret if isinstance(secret, str) else secret.hex()) not in text
    assert "argon2" not in text
    for others in (bob.id, bob.email, hidden, "Secret plan", root.email, "Browser of Root"):
        assert others not in text
    assert "account.renamed" in text


async def test_it_comes_in_pieces(ada, rooms):
    """The archive of many large documents leaves piece by piece; none holds more than one version."""
    big = "".join(f"{n:x} " for n in range(200_000))  # compresses badly
    for number in range(8):
        assert (await ada("POST", "/api/diagrams", {"title": f"{number}", "note": big})).status == 201

    pieces = await rooms.auth.state.privacy.export(await principal_of(ada))
    sizes = [len(piece) async for piece in pieces]

    assert sum(sizes) > 3_000_000
    assert max(sizes) < 500_000


async def until(pieces, word):
    """What came up to the next piece that holds a word."""
    found = b""
    async for piece in pieces:
        found += piece
        if word in piece:
            return found
    raise AssertionError("it ended before")


async def principal_of(who):
    proof = (await Caller(who.rooms.auth)("POST", "/internal/identify", {"bearer": who.token})).json()
    return await who.rooms.auth.state.verifier.verify(proof["assertion"])


async def test_many_documents_and_records_are_all_there(ada, monkeypatch):
    """Pages of documents and batches of records leave none out and give none twice."""
    monkeypatch.setattr(own_data, "RECORDS_AT_ONCE", 3)
    monkeypatch.setattr("autograph.diagrams.belongings.PAGE_SIZE", 2)
    made = {(await ada("POST", "/api/diagrams", {"title": f"{n}"})).json()["id"] for n in range(7)}

    found = await ada.exported()

    assert {name.split("/")[1].removesuffix(".json") for name in found if "/" in name} == made
    numbers = [json.loads(line)["number"] for line in found["audit-log.jsonl"].splitlines()]
    assert numbers == sorted(set(numbers))
    assert len(numbers) >= 3


async def test_it_outlasts_the_proof_of_a_minute_but_not_the_session(
    ada, rooms, clock, database, monkeypatch
):
    """Slow downloads go on; when the session is ended from elsewhere the archive breaks off."""
    monkeypatch.setattr("autograph.auth.archive.SMALL_BYTES", 1)
    for title in "abcd":
        await ada.drawn(title)
    pieces = await rooms.auth.state.privacy.export(await principal_of(ada))
    await until(pieces, b"documents/")
    clock.wind(seconds=90)
    await until(pieces, b"documents/")

    async with database.begin() as connection:
        await connection.execute(update(sessions).values(revoked_at=clock.now()))
    with pytest.raises(Exception, match="Sign in"):
        async for _ in pieces:
            pass


async def test_a_document_that_goes_meanwhile_is_left_out(ada, rooms, monkeypatch):
    """What is removed while the archive is written breaks nothing."""
    monkeypatch.setattr("autograph.auth.archive.SMALL_BYTES", 1)
    for title in ("First", "Second"):
        await ada.drawn(title)
    pieces = await rooms.auth.state.privacy.export(await principal_of(ada))
    begun = await until(pieces, b"documents/")
    await rooms.diagrams.state.library.remove_all(ada.id)

    whole = begun + b"".join([piece async for piece in pieces])

    archive = zipfile.ZipFile(io.BytesIO(whole))
    assert archive.testzip() is None
    for name in archive.namelist():
        if name.startswith("documents/") and name.endswith(".json"):
            assert json.loads(archive.read(name))["title"] in {"First", "Second"}


async def test_only_oneself_and_only_signed_in(ada, rooms, call):
    """Nobody is 401, and a key of one's own is refused: it may leak, and must not take everything along."""
    key = (await ada("POST", "/api/auth/api-keys", {"name": "k", "scopes": ["admin"]})).json()["key"]
    proof = (await call("POST", "/internal/identify", {"bearer": key})).json()["assertion"]
    by_key = Caller(rooms.auth, {"x-autograph-identity": proof})

    assert (await Caller(rooms.auth)("GET", EXPORT)).slug == "unauthenticated"
    for method, path in (
        ("GET", EXPORT),
        ("GET", "/api/auth/gdpr/erasure"),
        ("POST", "/api/auth/gdpr/erase"),
    ):
        body = {"documents_to": None} if method == "POST" else None
        assert (await by_key(method, path, body)).slug == "forbidden"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
async def test_a_link_on_another_page_begins_none(ada, told_mails, site):
    """Whoever is lured to follow one downloads nothing, and is not frightened by a mail."""
    refused = await ada("GET", EXPORT, headers={"sec-fetch-site": site})

    assert refused.slug == "forbidden"
    assert await told_mails("security") == []
    assert (await ada("GET", EXPORT, headers={"sec-fetch-site": "same-origin"})).status == 200


async def test_it_is_not_begun_while_documents_are_away(ada, rooms):
    """Half an archive is none: 503 before the first byte, and the owner hears nothing of a download."""
    rooms.away = Unavailable()

    assert (await ada("GET", EXPORT)).slug == "unavailable"


async def test_only_some_are_written_at_a_time(ada, rooms):
    """More than a few at once are told when to come again; when those end there is room."""
    asker = await principal_of(ada)
    privacy = rooms.auth.state.privacy
    await ada.drawn("Shop")
    running = [await privacy.export(asker) for _ in range(MOST_EXPORTS)]
    for one in running:
        await anext(one)

    refused = await ada("GET", EXPORT)
    assert (refused.status, refused.headers["retry-after"]) == (503, "30")

    for one in running:
        await one.aclose()
    assert (await ada("GET", EXPORT)).status == 200


async def test_the_owner_is_told(ada, told_mails):
    """Whoever took a session over and takes everything along does not go unseen."""
    await ada.exported()

    assert [text for to, text in await told_mails("security") if "downloaded" in text and to == ada.email]


def test_what_is_left_out_is_left_out_on_purpose():
    """Every column of what belongs to an account is either exported or named here."""
    from autograph.auth.store.own_data import _OF_ACCOUNT

    left_out = {
        "sessions": {"user_id", "token_hash", "idle_seconds"},
        "api_keys": {"user_id", "token_hash", "revoked_at"},
        "passkeys": {"user_id", "credential_id", "public_key", "sign_count"},
        "identities": {"user_id"},
    }
    for table, columns in _OF_ACCOUNT.values():
        assert {column.name for column in table.columns} - set(columns) == left_out[table.name]
    assert passkeys.name in left_out
