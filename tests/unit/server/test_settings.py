"""Settings: every name is known, every value is checked, and what is wrong is said in one line."""

import json
import os

import pytest

from autograph.server.in_force import settings_in_force
from autograph.server.settings import BadSettings, load, names

pytestmark = pytest.mark.feature("platform.settings")


@pytest.fixture
def env(monkeypatch):
    """Sets variables, after taking away all of ours; whatever `load` adds is taken back at the end."""
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.upper().startswith("AUTOGRAPH_")]:
        del os.environ[name]

    def give(**values):
        os.environ.update({f"AUTOGRAPH_{name}": value for name, value in values.items()})

    yield give
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture
def dotenv(tmp_path):
    return tmp_path / ".env"


def refused(dotenv):
    """The one line with which these settings are refused."""
    with pytest.raises(BadSettings) as raised:
        load(dotenv)
    line = str(raised.value)
    assert "\n" not in line
    assert line.endswith((".", "?"))
    return line


def test_nothing_is_needed(env, dotenv):
    """Without any variable everything has its default, and nothing is open to the network."""
    settings = load(dotenv)
    assert (settings.host, settings.port, settings.env) == ("127.0.0.1", 8080, "development")
    assert settings.reached_at == "http://127.0.0.1:8080"
    assert settings.trusted_proxies == ()
    assert settings.database.startswith("sqlite:////")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PROT", "AUTOGRAPH_PORT"),
        ("DATABASE", "AUTOGRAPH_DATABASE_URL"),
        ("GATEWAY_TIMEOUT_SECONDS", "AUTOGRAPH_GATEWAY__TIMEOUT_SECONDS"),
        ("GATEWAY__TIMEOUT", "AUTOGRAPH_GATEWAY__TIMEOUT_SECONDS"),
        ("trusted_proxy", "AUTOGRAPH_TRUSTED_PROXIES"),
    ],
)
def test_an_unknown_name(env, dotenv, name, meant):
    """A name that we do not know is an error that says which one was meant, in the environment and in the file."""
    dotenv.write_text(f"AUTOGRAPH_{name}=1\n")
    assert refused(dotenv) == f"AUTOGRAPH_{name} is not a setting of AutoGraph. Did you mean {meant}?"
    dotenv.unlink()
    env(**{name: ""})
    assert refused(dotenv) == f"AUTOGRAPH_{name} is not a setting of AutoGraph. Did you mean {meant}?"


def test_a_name_like_no_other(env, dotenv):
    """Where nothing is close the reference is named."""
    env(ZZZZZZZZZZZZZZZZZZZZZZZZZ="1")
    assert "See docs/reference/settings.md." in refused(dotenv)


def test_names_of_others(env, dotenv):
    """Only our prefix is ours."""
    dotenv.write_text("PATH_TO_X=1\nNOTAUTOGRAPH_PORT=2\nAUTOGRAPHER=3\n")
    load(dotenv)
    assert "NOTAUTOGRAPH_PORT" not in os.environ


BAD = {
    "PORT": ["80a", "0", "65536", "-1", "8080.5"],
    "ENV": ["prod", "Production"],
    "LOG_LEVEL": ["loud"],
    "PUBLIC_URL": ["diagrams.example.com", "ftp://x", "https://", "https://x/path", "http://["],
    "TRUSTED_PROXIES": ["proxy.example.org", "10.0.0.0/33", "*"],
    "UPSTREAMS": ["{", "[]", '{"nobody": "http://x"}', '{"auth": "auth:8085"}', '{"auth": "http://["}', '{"auth": 1}'],
    "DATABASE_URL": ["mysql://h/x", "autograph.db", "postgresql://u:hidden@h:port/x", "http://u:hidden@x"],
    "REDIS_URL": ["127.0.0.1:6379", "http://u:hidden@x"],
    "OBJECTS_URL": ["./objects", "ftp://u:hidden@x"],
    "DRAIN_SECONDS": ["-1", "soon", "nan", "inf"],
    "GATEWAY__TIMEOUT_SECONDS": ["0", "-1", "soon"],
    "AUTH__SMTP_URL": ["mail.example.com", "http://u:hidden@h", "smtp://u:hidden@h:port", "smtp://u:hidden@h:65536"],
    "SERVICES__SECRETS": ["hidden", f"{'s' * 32},hidden", ",".join(["s" * 32] * 3), "s" * 31, f"{'s' * 32},"],
    "GATEWAY__OFF": ["retry", '["nothing"]', '["identity"]'],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_value_that_cannot_be_used(env, dotenv, name, value):
    """The line names the variable, says what to do, and never repeats a password."""
    env(**{name: value})
    line = refused(dotenv)
    assert line.startswith(f"AUTOGRAPH_{name}")
    assert "docs/reference/settings.md" in line
    assert "hidden" not in line


GOOD = [
    ("DATABASE_URL", "sqlite:///x.db"),
    ("DATABASE_URL", "postgresql://u:p%40ss@h:5432/x"),
    ("DATABASE_URL", "postgres://h/x"),
    ("REDIS_URL", "rediss://:p@h:6379/0"),
    ("OBJECTS_URL", "s3://bucket/prefix?endpoint=http://h"),
    ("OBJECTS_URL", "file:///folder"),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_addresses_that_can_be_used(env, dotenv, name, value):
    """Every documented form is taken as it is."""
    env(**{name: value})
    assert getattr(load(dotenv), name.lower()) == value


def test_production_has_every_layer(env, dotenv):
    """A layer that is switched off ends the start of a production server."""
    env(GATEWAY__OFF='["retry"]')
    assert load(dotenv).gateway.off
    env(ENV="production")
    assert "AUTOGRAPH_GATEWAY__OFF" in refused(dotenv)


def test_the_environment_wins(env, dotenv):
    """The file completes the environment and overrides nothing, in whichever case names are written."""
    dotenv.write_text("AUTOGRAPH_PORT=9000\nAUTOGRAPH_HOST=0.0.0.0\nautograph_log_level=debug\n")
    env(PORT="9001")
    settings = load(dotenv)
    assert (settings.port, settings.host, settings.log_level) == (9001, "0.0.0.0", "debug")


def test_lower_case_in_the_file(env, dotenv):
    """A name in lower case is not ignored, and does not beat the environment's."""
    dotenv.write_text("autograph_port=9000\n")
    env(PORT="9001")
    assert load(dotenv).port == 9001
    del os.environ["AUTOGRAPH_PORT"]
    assert load(dotenv).port == 9000


def test_empty_is_unset(env, dotenv):
    """An empty value means the default, everywhere."""
    env(PORT="", HOST="", UPSTREAMS="", TRUSTED_PROXIES="", GATEWAY__TIMEOUT_SECONDS="")
    settings = load(dotenv)
    assert (settings.port, settings.host, settings.upstreams) == (8080, "127.0.0.1", {})
    dotenv.write_text("AUTOGRAPH_LOG_LEVEL=\nAUTOGRAPH_DATABASE_URL\n")
    assert load(dotenv).log_level == "info"


def test_the_file_as_people_write_it(env, dotenv):
    """Comments, quotes and `export` are understood."""
    dotenv.write_text(
        "# ours\nexport AUTOGRAPH_PORT=9000 # one more\nAUTOGRAPH_HOST='0.0.0.0'\n\nAUTOGRAPH_ENV=\"production\"\n"
    )
    settings = load(dotenv)
    assert (settings.port, settings.host, settings.env) == (9000, "0.0.0.0", "production")


def test_a_file_that_cannot_be_read(env, dotenv):
    """A file that is no text ends the start with one line, too; a folder of that name is no file."""
    dotenv.write_bytes(b"AUTOGRAPH_PORT=\xff\xfe\n")
    assert "it is not UTF-8 text" in refused(dotenv)
    dotenv.unlink()
    dotenv.mkdir()
    assert load(dotenv).port == 8080


def test_lists(env, dotenv):
    """Proxies are separated by commas, with or without spaces."""
    env(TRUSTED_PROXIES=" 10.0.0.0/8, 192.0.2.7 ,,2001:db8::/32")
    assert load(dotenv).trusted_proxies == ("10.0.0.0/8", "192.0.2.7", "2001:db8::/32")


def test_secrets_are_not_shown(env, dotenv):
    """The settings can be logged."""
    env(OBJECTS__SECRET_KEY="hidden")
    assert "hidden" not in repr(load(dotenv))


def test_every_name_is_of_one_form():
    """Names are unique, in upper case, and their parts are separated by two underscores."""
    known = list(names())
    assert len(known) == len({*known})
    assert all(name == name.upper() and name.startswith("AUTOGRAPH_") and "___" not in name for name in known)


COMPANY = {"issuer": "https://id.example.com", "client_id": "autograph", "client_secret": "hush"}


@pytest.mark.feature("auth.oidc")
def test_providers_are_read_and_their_secrets_are_not_shown(env, dotenv):
    """An OpenID provider is one JSON object; shown settings hold asterisks in place of its secret."""
    env(AUTH__OIDC=json.dumps({"company": COMPANY}))
    settings = load(dotenv)
    assert settings.auth.oidc["company"].client_secret.get_secret_value() == "hush"
    assert "hush" not in repr(settings)
    (shown,) = [one for one in settings_in_force(settings) if one.name == "AUTOGRAPH_AUTH__OIDC"]
    assert "id.example.com" in shown.value
    assert "hush" not in shown.value


@pytest.mark.feature("auth.oidc")
@pytest.mark.parametrize(
    ("slug", "changes", "place"),
    [
        ("company", {"issuer": "http://id.example.com"}, "(company.issuer)"),
        ("company", {"issuer": "https://id.example.com?x=1"}, "(company.issuer)"),
        ("company", {"issuer": "https://user@id.example.com"}, "(company.issuer)"),
        ("company", {"client_id": ""}, "(company.client_id)"),
        ("company", {"client": "x"}, "(company.client)"),
        ("company", {"default_role": ""}, "(company)"),
        ("company", {"second_factor": "no"}, "(company.second_factor)"),
        ("Our Company", {}, "(Our Company)"),
    ],
)
def test_what_is_wrong_with_a_provider_is_named(env, dotenv, slug, changes, place):
    """The place inside of the JSON is said, and never a value of it."""
    env(AUTH__OIDC=json.dumps({slug: {**COMPANY, **changes}}))
    line = refused(dotenv)
    assert line.startswith(f"AUTOGRAPH_AUTH__OIDC {place}: ")
    assert "hush" not in line


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, set()),
        ({"EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, {"traces", "metrics", "logs"}),
        ({"EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, {"traces"}),
        ({"EXPORTER_OTLP_METRICS_ENDPOINT": "http://c/m", "EXPORTER_OTLP_LOGS_ENDPOINT": "http://c/l"}, {"metrics", "logs"}),
        ({"EXPORTER_OTLP_ENDPOINT": "http://c:4318", "LOGS_EXPORTER": "none"}, {"traces", "metrics"}),
        ({"EXPORTER_OTLP_ENDPOINT": "http://c:4318", "SDK_DISABLED": "True"}, set()),
        ({"EXPORTER_OTLP_ENDPOINT": "http://c:4318", "SDK_DISABLED": "false"}, {"traces", "metrics", "logs"}),
    ],
)  # fmt: skip
@pytest.mark.feature("observability.metrics")
def test_what_a_collector_gets(env, dotenv, monkeypatch, given, expected):
    """Any of OpenTelemetry's standard variables starts its signal, and they can stop one and all."""
    env()
    for name, value in given.items():
        monkeypatch.setenv(f"OTEL_{name}", value)
    assert load(dotenv).collected == expected
