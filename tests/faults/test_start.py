"""Starting the real program where it cannot start: exit code 2 and one line that says what to do."""

import json
import re
import socket
import subprocess
import sys

import pytest
from tests.servers.autograph import Running, without_settings
from tests.servers.process import free_port

from autograph import __version__

PERSON = {"name": "Ada", "password": "a long enough secret 42"}


@pytest.fixture
def autograph(tmp_path):
    """Runs the program in a folder of its own until it ends."""

    def run(*words, stdin="", **settings):
        given = {"DATA": str(tmp_path / "data"), "PORT": str(free_port()), **settings}
        return subprocess.run(
            [sys.executable, "-m", "autograph", *words],
            cwd=tmp_path,
            env={**without_settings(), **{f"AUTOGRAPH_{name}": value for name, value in given.items()}},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


def line_of(done):
    """The one line with which the program ended; there is nothing else, and no stack trace."""
    assert done.returncode == 2, (done.returncode, done.stderr[-2000:])
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.endswith((".", "?"))
    return line


@pytest.mark.feature("platform.settings")
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PROT": "1"}, "Did you mean AUTOGRAPH_PORT?"),
        ({"PORT": "many"}, "AUTOGRAPH_PORT: "),
        ({"UPSTREAMS": "{"}, "AUTOGRAPH_UPSTREAMS must be JSON"),
        ({"HOST": "no.such.host.invalid"}, "Cannot listen on no.such.host.invalid"),
        ({"HOST": "192.0.2.1"}, "Cannot listen on 192.0.2.1"),
        ({"DATABASE_URL": "mysql://h/x"}, "AUTOGRAPH_DATABASE_URL: "),
        ({"DATABASE_URL": "postgresql://u:hidden@127.0.0.1:9/x"}, "AUTOGRAPH_DATABASE_URL names it"),
        ({"REDIS_URL": "http://h"}, "AUTOGRAPH_REDIS_URL: "),
        ({"OBJECTS_URL": "ftp://h"}, "AUTOGRAPH_OBJECTS_URL: "),
        ({"WATCH__ALERTS__SLACK_URL": "hidden"}, "AUTOGRAPH_WATCH__ALERTS__SLACK_URL: is no address"),
        (
            {"WATCH__ALERTS__ALERTMANAGER_URL": "hidden:9093"},
            "AUTOGRAPH_WATCH__ALERTS__ALERTMANAGER_URL: begins",
        ),
        (
            {"WATCH__ALERTS__SMTP_URL": "hidden", "WATCH__ALERTS__MAIL_TO": '["ops@example.org"]'},
            "AUTOGRAPH_WATCH__ALERTS__SMTP_URL: ",
        ),
        ({"DATA": "/proc/autograph"}, "Name another one in AUTOGRAPH_DATA."),
        ({"DATA": "/dev/null/data"}, "Name another one in AUTOGRAPH_DATA."),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_used(autograph, settings, said):
    """The line names the variable, and never a password."""
    line = line_of(autograph("up", **settings))
    assert said in line
    assert "hidden" not in line


@pytest.mark.feature("platform.settings")
def test_a_file_that_is_no_text(autograph, tmp_path):
    """The file of settings is named."""
    (tmp_path / ".env").write_bytes(b"AUTOGRAPH_PORT=\xff\n")
    assert ".env cannot be read" in line_of(autograph("up"))


@pytest.mark.feature("platform.one-command")
def test_a_taken_port(autograph):
    """The line names the port and the next one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = line_of(autograph("up", PORT=str(port)))
    assert f"127.0.0.1:{port}" in line
    assert f"make run PORT={port + 1}" in line


def test_services_that_are_none(autograph):
    """`serve` names what there is; a service whose neighbours are nowhere says which address is missing."""
    assert "There is no service 'atuh'" in line_of(autograph("serve", "atuh"))
    for services, said in (
        (("auth", "diagrams"), "one process serves one service"),
        (("diagrams", "gateway"), "AUTOGRAPH_UPSTREAMS"),
    ):
        done = autograph("serve", *services)
        assert done.returncode == 2
        assert said in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr


@pytest.mark.feature("platform.settings")
def test_services_apart_know_each_other(autograph, tmp_path):
    """In production a start without the secret, or with one that is weak, says how to make one; it is never repeated."""
    upstreams = json.dumps({"auth": "http://127.0.0.1:9"})
    for words, settings in (
        (("serve", "auth"), {}),
        (("serve", "gateway", "diagrams"), {"UPSTREAMS": upstreams}),
        (("up",), {"UPSTREAMS": upstreams}),
    ):
        line = line_of(autograph(*words, ENV="production", **settings))
        assert "AUTOGRAPH_SERVICES__SECRETS is not set" in line
        assert "openssl rand -hex 32" in line
    line = line_of(autograph("serve", "auth", ENV="production", SERVICES__SECRETS="tooshort-secret"))
    assert "AUTOGRAPH_SERVICES__SECRETS" in line
    assert "tooshort" not in line
    assert not (tmp_path / "data" / "service-secrets.json").exists()


@pytest.mark.feature("platform.settings")
def test_a_file_of_secrets_that_cannot_be_used(autograph, tmp_path):
    """One that others can read, and one that holds none, stop the start and are named."""
    path = tmp_path / "data" / "service-secrets.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"secrets": ["x" * 64]}))
    path.chmod(0o644)
    assert "chmod 600" in line_of(autograph("serve", "auth"))
    path.chmod(0o600)
    for text in ("", "{", "[]", "{}", '{"secrets": ["short"]}', '{"secrets": []}'):
        path.write_text(text)
        line = line_of(autograph("serve", "auth"))
        assert line.startswith(f"{path} does not hold secrets")
        assert "short" not in line


def test_the_version(autograph):
    """The version is printed alone, whatever the settings are."""
    done = autograph("version", PORT="nonsense")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


@pytest.mark.feature("platform.one-command")
def test_an_administrator_without_a_browser(autograph, tmp_path, request):
    """Made with a password from standard input: then no first-run link is printed, and the account signs in."""
    done = autograph("admin", "create", "--email", "ada@example.org", stdin=PERSON["password"] + "\n")
    assert done.returncode == 0, done.stderr
    assert "ada@example.org is an administrator now." in done.stderr
    assert PERSON["password"] not in done.stdout + done.stderr

    running = Running(tmp_path)
    request.addfinalizer(running.stop)
    body = {"email": "ada@example.org", "password": PERSON["password"]}
    status, _, answer = running.ask("POST", "/api/auth/login", body)
    assert status == 200
    assert b'"admin"' in answer
    assert "Ctrl-C stops" in running.log.read_text()
    assert not re.search(r"first-run#", running.log.read_text())


@pytest.mark.feature("observability.logs")
def test_in_production_all_that_is_printed_are_events(autograph, tmp_path, request):
    """From start to end one JSON object a line, without the one-time link; a command prints that, until it is used."""
    running = Running(tmp_path, ENV="production")
    request.addfinalizer(running.stop)

    done = autograph("admin", "first-run", PORT=str(running.port))
    assert (done.returncode, done.stderr) == (0, "")
    [link] = done.stdout.splitlines()
    address, _, code = link.partition("#")
    assert address == f"http://127.0.0.1:{running.port}/first-run"
    body = {"code": code, "email": "ada@example.org", **PERSON}
    assert running.ask("POST", "/api/auth/first-run", body)[0] == 201
    assert line_of(autograph("admin", "first-run")).startswith("This installation already has")
    running.stop()

    text = running.log.read_text()
    events = [json.loads(line) for line in text.splitlines()]
    assert all({"timestamp", "level", "service", "event"} <= event.keys() for event in events)
    started = {event["event"]: event for event in events}
    assert started["process.started"]["address"] == f"http://127.0.0.1:{running.port}"
    assert "autograph admin first-run" in started["first_run.waits"]["hint"]
    assert code not in text


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.org", ""),
        ("ada@example.org", "short"),
        ("ada@example.org", "x" * 200),
        ("ada", PERSON["password"]),
    ],
    ids=["no password", "short", "long", "no address"],
)
def test_no_administrator(autograph, email, password):
    """A password or an address that will not do ends with one line, and makes nobody anything."""
    done = autograph("admin", "create", "--email", email, stdin=password + "\n")
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "is an administrator now" not in done.stderr


def test_a_second_administrator_of_the_same_address(autograph):
    """The address is taken: one line."""
    for expected in (0, 2):
        done = autograph("admin", "create", "--email", "ada@example.org", stdin=PERSON["password"] + "\n")
        assert done.returncode == expected
        assert "Traceback" not in done.stderr
