"""Tests of the flags service over HTTP, and of the copy that services ask."""

import pytest
from structlog.testing import capture_logs
from tests import identity
from tests.audit import Notes
from tests.caller import Caller
from tests.clock import HandClock

from autograph.auth.keys import SigningKeys
from autograph.clients.flags import FRESH_SECONDS, IMPORT_FROM_GIT, Flags, FlagsNaming
from autograph.clients.transport import LocalTransport
from autograph.flags.app import create_app
from autograph.model.flags import Reason
from autograph.model.principal import Principal
from autograph.storage.migrations import upgrade
from autograph.storage.sql import open_database

pytestmark = pytest.mark.feature("platform.feature-flags")

FLAGS = "/api/admin/feature-flags"
KEY = IMPORT_FROM_GIT.key


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
async def app(database_url, clock):
    """The service on an empty database, with the keys that it believes."""
    database, keys = open_database(database_url), SigningKeys.generate()
    await upgrade(database, "flags")
    verifier = identity.verifier(keys, clock)
    notes = Notes()
    app = create_app(
        database=database, clock=clock, verifier=verifier, audit=notes.client, environment="development"
    )
    app.state.keys, app.state.notes = keys, notes
    yield app
    await database.close()


@pytest.fixture
def as_person(app, clock):
    """A caller with roles."""

    def as_person(user_id, *roles):
        token = identity.assertion(app.state.keys, clock, user_id, roles=roles)
        return Caller(app, {identity.HEADER: token})

    return as_person


@pytest.fixture
def admin(as_person):
    return as_person("eva", "admin")


async def test_declared_flags_are_listed_before_anybody_has_set_one(admin):
    """The list shows what the program asks for, with a description."""
    (flag,) = (await admin("GET", FLAGS)).json()["items"]
    assert (flag["key"], flag["version"]) == (KEY, 0)
    assert flag["description"]


async def test_a_change_is_made_on_a_version(admin):
    """Two administrators cannot overwrite each other unseen."""
    path = f"{FLAGS}/{KEY}"
    changed = await admin("PUT", path, {"expected_version": 0, "percentage": 50})
    assert (changed.status, changed.json()["version"], changed.json()["percentage"]) == (200, 1, 50)
    assert changed.json()["description"] == IMPORT_FROM_GIT.description
    late = await admin("PUT", path, {"expected_version": 0, "enabled": False})
    assert (late.status, late.slug, late.json()["current_version"]) == (409, "flag-conflict", 1)
    assert (await admin("PUT", path, {"expected_version": 1, "enabled": False})).json()["version"] == 2
    assert (await admin("DELETE", path)).status == 204
    assert (await admin("GET", path)).json()["version"] == 0
    assert (await admin("DELETE", path)).status == 404


@pytest.mark.feature("auth.audit")
async def test_changes_are_in_the_audit_log(admin, app):
    """Who changes or forgets a flag is written down, once it is done, and what it says then; whom it names is not."""
    path, notes = f"{FLAGS}/{KEY}", app.state.notes
    await admin("PUT", path, {"expected_version": 0, "allow": ["ada@example.org"], "percentage": 20})
    await admin("PUT", path, {"expected_version": 0, "enabled": False})
    await admin("DELETE", path)
    assert notes.events == [("flag.changed", "flag", KEY), ("flag.forgotten", "flag", KEY)]
    assert notes.told[0]["details"] == {
        "version": 1,
        "changed": ["allow", "percentage"],
        "enabled": True,
        "percentage": 20.0,
    }


@pytest.mark.feature("security.privacy")
async def test_lists_forget_whoever_asks_and_nobody_else(admin, as_person, app, clock):
    """By id and by address in any case, in both lists; others stay, the rules stay, and again nothing is found."""
    lists = {"allow": ["ada", "ADA@example.org", "bob"], "deny": ["Ada@Example.org"]}
    rules = {"expected_version": 0, "percentage": 20, **lists}
    assert (await admin("PUT", f"{FLAGS}/{KEY}", rules)).status == 200
    assert (await admin("PUT", f"{FLAGS}/other", {"expected_version": 0, "allow": ["bob"]})).status == 200
    naming = FlagsNaming(LocalTransport(app))
    ada, eve = (identity.assertion(app.state.keys, clock, name) for name in ("ada", "eve"))

    assert await naming.me(identity=eve) == await naming.forget_me(identity=eve) == []
    assert await naming.me(identity=ada) == [KEY]
    assert await naming.forget_me(identity=ada) == [KEY]
    assert await naming.me(identity=ada) == await naming.forget_me(identity=ada) == []

    flag = (await admin("GET", f"{FLAGS}/{KEY}")).json()
    assert (flag["allow"], flag["deny"], flag["percentage"], flag["version"]) == (["bob"], [], 20, 2)
    assert (await admin("GET", f"{FLAGS}/other")).json()["version"] == 1
    assert (await Caller(app)("POST", "/internal/flags/forget-me")).slug == "unauthenticated"


@pytest.mark.feature("auth.audit")
async def test_a_log_that_is_away_keeps_nobody_from_switching(admin, app):
    """The change is made, and that it was not written down is an error in the service's own log."""
    app.state.notes.is_away = True
    with capture_logs() as logs:
        changed = await admin("PUT", f"{FLAGS}/{KEY}", {"expected_version": 0, "enabled": False})
    assert (changed.status, changed.json()["enabled"]) == (200, False)
    [told] = [line for line in logs if line["event"] == "audit.not_recorded"]
    assert told["log_level"] == "error"
    assert told["happened"]["event"] == "flag.changed"


async def test_a_new_flag_can_be_made(admin):
    """A flag that no program declares yet can be prepared."""
    made = await admin(
        "PUT", f"{FLAGS}/next-thing", {"expected_version": 0, "allow": ["ada@example.org"], "percentage": 0}
    )
    assert made.status == 200
    assert [flag["key"] for flag in (await admin("GET", FLAGS)).json()["items"]] == [KEY, "next-thing"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"expected_version": 0, "percentage": 101},
        {"expected_version": -1},
        {"expected_version": 0, "owner": "me"},
    ],
)
async def test_bad_rules_are_refused(admin, changes):
    """Shares beyond 100, missing versions and unknown fields are a 422 that names the field."""
    assert (await admin("PUT", f"{FLAGS}/{KEY}", changes)).wrong_fields


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", FLAGS), ("GET", f"{FLAGS}/{KEY}"), ("PUT", f"{FLAGS}/{KEY}"), ("DELETE", f"{FLAGS}/{KEY}")],
)
async def test_only_administrators_see_and_change_rules(as_person, app, method, path):
    """Everybody else gets 403, nobody 401; lists of people are not for all eyes."""
    body = {"expected_version": 0} if method == "PUT" else None
    assert (await as_person("ada", "editor")(method, path, body)).status == 403
    assert (await Caller(app)(method, path, body)).status == 401


async def test_everybody_learns_what_is_on_for_them(admin, as_person):
    """The page asks what to offer; the rules themselves stay inside."""
    await admin("PUT", f"{FLAGS}/{KEY}", {"expected_version": 0, "deny": ["mallory"]})
    for who, value in (("ada", True), ("mallory", False)):
        found = (await as_person(who)("GET", "/api/flags")).json()["flags"][KEY]
        assert found["value"] is value
        assert "deny" not in found


@pytest.fixture
def flags(app, clock):
    """What another service asks."""
    return Flags(LocalTransport(app), environment="development", clock=clock)


ADA = Principal(user_id="ada", email="ada@example.org")


async def test_services_follow_within_seconds(admin, flags, clock):
    """A change is seen once the copy is old; until then nobody is asked."""
    assert await flags.is_on(KEY, False, ADA)
    await admin("PUT", f"{FLAGS}/{KEY}", {"expected_version": 0, "enabled": False})
    assert await flags.is_on(KEY, True, ADA)
    clock.wind(seconds=FRESH_SECONDS)
    assert not await flags.is_on(KEY, True, ADA)


async def test_unknown_flags_and_wrong_types_give_the_default(admin, flags):
    """Whoever asks for what is not there gets what they said they would take."""
    await admin("PUT", f"{FLAGS}/colour", {"expected_version": 0, "on": "blue", "off": "red"})
    assert await flags.is_on("missing", True) is True
    assert await flags.is_on("colour", False) is False
    found = await flags.details("colour", "green", ADA)
    assert (found.value, found.reason) == ("blue", Reason.STATIC)
    assert (await flags.details("missing", "green")).reason is Reason.ERROR


async def test_without_the_service_what_was_known_stays(clock):
    """While flags do not answer, features stay as declared or as last seen."""

    async def away(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    assert await Flags(LocalTransport(away), environment="production", clock=clock).is_on(KEY, False, ADA)
