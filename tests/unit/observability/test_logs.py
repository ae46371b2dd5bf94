"""Tests of logs: levels, what is on a line, and what is kept of failures."""

import json
import logging

import pytest
import structlog
from tests.clock import HandClock

from autograph.core.calls import current_service
from autograph.core.correlation import correlation_id, document_id, user_id
from autograph.model.principal import Principal
from autograph.observability import logs
from autograph.observability.errors import PER_FINGERPRINT, Errors, fingerprint, stack
from autograph.observability.levels import Levels
from autograph.observability.requests import Request, current_request
from autograph.observability.scrub import HIDDEN, scrubbed
from autograph.observability.telemetry import Telemetry


@pytest.fixture
def lines(capsys):
    """JSON logs; returns how to read what was written."""
    logs.configure("info", as_json=True, service="autograph")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    logs.levels.change("info", {})
    structlog.reset_defaults()


@pytest.mark.feature("observability.logs")
def test_a_line_says_when_how_bad_who_and_for_whom(lines):
    """One JSON object a line: time, level, service, event, correlation ID, user, document, fields."""
    variables = (correlation_id, user_id, document_id, current_service)
    tokens = [
        variable.set(v) for variable, v in zip(variables, ("abcdefgh", "u1", "d1", "diagrams"), strict=True)
    ]
    structlog.get_logger("autograph.diagrams").warning("document.saved", version=3)
    for variable, token in zip(variables, tokens, strict=True):
        variable.reset(token)
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "document.saved",
        "level": "warning",
        "service": "diagrams",
        "correlation_id": "abcdefgh",
        "user": "u1",
        "document": "d1",
        "version": 3,
    }


@pytest.mark.feature("observability.logs")
def test_the_gateways_own_lines_say_for_whom(lines):
    """Before any service has been asked the account is the one that the gateway has let in."""
    principal = Principal(user_id="u1", email="a@example.org", name="A", roles=(), session_id="s")
    token = current_request.set(Request("gateway", {"type": "http", "state": {"principal": principal}}))
    structlog.get_logger("autograph.gateway").warning("retry")
    current_request.reset(token)
    structlog.get_logger("autograph.gateway").warning("retry")
    assert [line.get("user") for line in lines()] == ["u1", None]


@pytest.mark.feature("observability.log-levels")
def test_levels_change_while_running(lines):
    """A module becomes talkative at once, its neighbours stay as they are, and back."""
    log, other = structlog.get_logger("autograph.auth.service"), structlog.get_logger("autograph.diagrams")
    log.debug("one")
    logs.levels.change("info", {"auth": "debug"})
    log.debug("two")
    other.debug("three")
    logs.levels.change("error", {})
    log.warning("four")
    assert [line["event"] for line in lines()] == ["two"]


@pytest.mark.feature("observability.log-levels")
async def test_a_signal_shifts_what_is_set(lines, tmp_path):
    """More and less from whatever the setting or an administrator says; named modules and the ends stay."""
    telemetry = Telemetry(["auth"], version="1", clock=HandClock(), folder=tmp_path)
    telemetry.start()

    def after(change, *told):
        change(*told)
        return logs.levels.default

    assert [after(telemetry.log_more, steps) for steps in (1, 1, -1, -1)] == [
        "debug",
        "debug",
        "info",
        "warning",
    ]
    assert after(telemetry.obey, "", {}) == "warning"
    assert after(telemetry.obey, "error", {"auth": "info"}) == "critical"
    assert logs.levels.named == {"auth": "info"}
    assert [after(telemetry.log_more, 1), after(telemetry.obey, "", {})] == ["error", "info"]
    await telemetry.close()


@pytest.mark.parametrize(
    ("named", "logger", "expected"),
    [
        ({}, "autograph.auth", "info"),
        ({"auth": "debug"}, "autograph.auth.service", "debug"),
        ({"autograph.auth.service": "error", "auth": "debug"}, "autograph.auth.service", "error"),
        ({"auth": "debug"}, "autograph.authority", "info"),
        ({"auth": "debug"}, "", "info"),
    ],
)
def test_the_longest_name_wins(named, logger, expected):
    """A module's own level goes before its package's, and names match whole parts only."""
    levels = Levels("info", named)
    order = ["debug", "info", "warning", "error"]
    allowed = [level for level in order if levels.allow(logger, level)]
    assert allowed[0] == expected


def test_an_unknown_level_is_refused():
    """A level that does not exist changes nothing."""
    levels = Levels("warning")
    with pytest.raises(ValueError, match="loud"):
        levels.change("info", {"auth": "loud"})
    assert levels.default == "warning"


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abcdefgh12345678",
        "password=hunter22",
        '{"token": "hunter22"}',
        "postgresql://autograph:hunter22@db/autograph",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghijklmnop",
        "ada@example.com",
        "0123456789abcdef0123456789abcdef",
    ],
)
def test_secrets_are_hidden(secret):
    """Tokens, passwords, keys and addresses do not survive."""
    clean = scrubbed(f"failed with {secret} at once")
    assert HIDDEN in clean
    for part in ("hunter22", "abcdefgh12345678", "AKIAIOSFODNN7", "ada@", "c2lnbmF0dXJl", "89abcdef01234567"):
        assert part not in clean
    assert clean.startswith("failed with")
    assert clean.endswith("at once")


@pytest.mark.feature("observability.logs")
def test_libraries_speak_our_language(lines):
    """What uvicorn, asyncio or a driver logs is a JSON line like ours, at its level, without a secret."""
    logging.getLogger("some.driver").info("nobody asked")
    logging.getLogger("some.driver").warning("connecting to %s", "redis://me:hunter22@host/0")
    error = failed("password=hunter22")
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=error)
    warning, fault = lines()
    assert (warning["level"], warning["service"]) == ("warning", "autograph")
    assert warning["event"] == f"connecting to redis://{HIDDEN}@host/0"
    assert fault["event"] == "Task exception was never retrieved"
    assert fault["exception"].startswith("Traceback")
    assert "hunter22" not in json.dumps(fault)


@pytest.mark.feature("observability.logs")
def test_libraries_repeat_themselves_once_a_minute(lines):
    """With whatever values; failures are never left out, and memory is bounded."""
    log, now = logging.getLogger("some.exporter"), 0.0
    (handler,) = [found for found in logging.getLogger().handlers if isinstance(found, logs.Libraries)]
    handler._monotonic = lambda: now
    for n in range(5):
        log.warning("retrying in %s s", n)
        log.error("failed", exc_info=failed())
    now = 61.0
    log.warning("retrying in %s s", 5)
    said = [line["event"] for line in lines()]
    assert said == ["retrying in 0 s", *["failed"] * 5, "retrying in 5 s"]
    for n in range(2000):
        log.warning(f"message {n}")  # noqa: G004 - a new text each time
    assert len(handler._said) <= logs.MOST_SAID


@pytest.mark.feature("observability.errors")
def test_what_libraries_catch_is_kept_too(lines, errors):
    """A background task that fails, and that nobody waits for, is a failure like others."""
    stop = logs.watch(errors)
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=failed())
    stop()
    assert [event.kind for event in errors.after(0)] == ["KeyError"]
    assert len(lines()) == 1


@pytest.mark.feature("observability.logs")
def test_a_stack_is_written_once(lines):
    """However many doors a failure passes: the later ones say so without it, the server says nothing more."""
    error = failed()
    log = structlog.get_logger("autograph.things")
    log.error("request.failed", exc_info=error)
    log.error("gateway.failed", exc_info=error)
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error)
    assert [("exception" in line, line["event"]) for line in lines()] == [
        (True, "request.failed"),
        (False, "gateway.failed"),
    ]


@pytest.mark.parametrize("as_json", [True, False])
def test_the_text_of_an_exception_has_no_secret(capsys, as_json):
    """Neither for machines nor for people: what a client sent may be in the message."""
    logs.configure("info", as_json=as_json)
    said = "[SQL: …] DETAIL:  Key (name)=(Grandmother) exists; token: 'a b c', mail to ada@example.com"
    structlog.get_logger("autograph").error("failed", exc_info=failed(said, ValueError))
    structlog.reset_defaults()
    text = capsys.readouterr().err
    assert "ValueError" in text
    assert "raise kind(message)" in text
    for secret in ("Grandmother", "a b c", "ada@"):
        assert secret not in text


def test_long_text_is_cut():
    """A message of a megabyte does not fill the memory."""
    assert len(scrubbed("x y " * 300_000)) == 500


@pytest.fixture
def clock():
    """Time that stands still."""
    return HandClock()


@pytest.fixture
def errors(clock):
    """What is kept of failures."""
    return Errors(clock, service="autograph")


def failed(message="no such thing", kind=KeyError):
    """An exception that was raised here."""
    try:
        raise kind(message)
    except kind as error:
        return error


@pytest.mark.feature("observability.errors")
def test_a_logged_exception_is_kept_with_its_request(lines, errors):
    """Stack, correlation ID, user, method, route and what led to it; no secret, no variable's value."""
    stop = logs.watch(errors)
    route = type("Route", (), {"path": "/api/things/{thing}"})
    request = Request("things", {"method": "PUT", "route": route})
    tokens = (current_request.set(request), correlation_id.set("abcdefgh"), user_id.set("u1"))
    log = structlog.get_logger("autograph.things")
    log.info("thing.found")
    hidden = "hunter22"
    log.error("request.failed", exc_info=failed(f"password={hidden}"))
    for variable, token in zip((current_request, correlation_id, user_id), tokens, strict=True):
        variable.reset(token)
    stop()
    (event,) = errors.after(0)
    assert (event.kind, event.service, event.method, event.route) == (
        "KeyError",
        "things",
        "PUT",
        "/api/things/{thing}",
    )
    assert (event.correlation_id, event.user_id, event.count) == ("abcdefgh", "u1", 1)
    assert event.frames[-1].function == "failed"
    assert event.frames[-1].code == "raise kind(message)"
    assert event.breadcrumbs[0].endswith("info thing.found")
    assert "hunter22" not in event.model_dump_json()
    assert errors.after(event.sequence) == ()


def test_one_failure_is_kept_once(errors):
    """An exception that passes several doors on its way out is one failure."""
    error = failed()
    errors.capture(error)
    errors.capture(error)
    assert len(errors.after(0)) == 1


@pytest.mark.feature("observability.errors")
def test_a_storm_is_capped_and_counted(errors, clock):
    """Of a thousand equal failures a minute ten are kept; the next one says how many it stands for."""
    for _ in range(1000):
        errors.capture(failed())
    assert len(errors.after(0)) == PER_FINGERPRINT
    clock.wind(minutes=2)
    errors.capture(failed())
    assert errors.after(0)[-1].count == 1000 - PER_FINGERPRINT + 1


def test_groups_are_by_place_not_by_message():
    """The same line of ours with other values is one group; another line, or another class, is another."""

    def ours(line, code, kind=KeyError):
        frame = type("F", (), {})  # frames are compared by module, function and code only
        frame.module, frame.function, frame.code, frame.line, frame.in_app = (
            "autograph.x",
            "f",
            code,
            line,
            True,
        )
        return fingerprint(kind("value 17"), (frame,))

    assert ours(1, "a = b") == ours(99, "a = b")
    assert ours(1, "a = b") != ours(1, "a = c")
    assert ours(1, "a = b") != ours(1, "a = b", ValueError)
    assert ours(1, "a = b").startswith("1:")


def test_without_frames_of_ours_the_fixed_part_of_the_message_counts():
    """Numbers, quoted text and addresses in a message do not make new groups."""
    one, other = failed("row 17 of 'a' at 0x7f00"), failed("row 4 of 'b' at 0x1234")
    assert fingerprint(one, stack(one.__traceback__)) == fingerprint(other, stack(other.__traceback__))


def test_a_hint_wins():
    """Code that knows better names the group."""
    assert fingerprint(failed(), (), "disk-full") == fingerprint(failed(kind=ValueError), (), "disk-full")
