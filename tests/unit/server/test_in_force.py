"""Tests of what administrators see of the settings: everything, but nothing secret."""

import json

import pytest

from autograph.server.in_force import settings_in_force
from autograph.server.settings import Settings, names

SECRET = "hush-hush"

pytestmark = pytest.mark.feature("observability.ops-page")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for name in names():
        monkeypatch.delenv(name, raising=False)


def in_force(monkeypatch, **given):
    for name, value in given.items():
        monkeypatch.setenv(f"AUTOGRAPH_{name}", value)
    return {found.name: found for found in settings_in_force(Settings())}


def test_every_setting_is_there():
    """Each name of the environment once, in order, and without an environment all are defaults."""
    found = settings_in_force(Settings())
    assert [setting.name for setting in found] == sorted(names())
    assert all(setting.is_default for setting in found)
    assert SECRET not in str(found)


def test_what_was_changed_says_so(monkeypatch):
    """A value is shown as one writes it; one that equals the default is none that was changed."""
    found = in_force(
        monkeypatch, PORT="9090", LOG_LEVEL="info", UPSTREAMS='{"auth": "http://auth:8085"}', TLS__KEY="k.pem",
        TLS__CERTIFICATE="c.pem",
    )  # fmt: skip
    shown = {name: (found[f"AUTOGRAPH_{name}"].value, found[f"AUTOGRAPH_{name}"].is_default) for name in (
        "PORT", "LOG_LEVEL", "UPSTREAMS", "TLS__KEY")}  # fmt: skip
    assert shown == {
        "PORT": ("9090", False),
        "LOG_LEVEL": ("info", True),
        "UPSTREAMS": ('{"auth": "http://auth:8085"}', False),
        "TLS__KEY": ("k.pem", False),
    }


def test_secrets_are_only_set_or_not(monkeypatch):
    """By their type or by their name."""
    found = in_force(monkeypatch, METRICS__TOKEN=SECRET, OBJECTS__SECRET_KEY=SECRET)
    assert found["AUTOGRAPH_METRICS__TOKEN"].value == "set"
    assert found["AUTOGRAPH_OBJECTS__SECRET_KEY"].value == "set"
    assert found["AUTOGRAPH_WATCH__ALERTS__SLACK_URL"].value == "not set"
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("DATABASE_URL", f"postgresql://ada:{SECRET}@db/autograph", "postgresql://ada:***@db/autograph"),
        ("DATABASE_URL", f"postgresql://ada:{SECRET}/x@db/a", "postgresql://ada:***@db/a"),
        ("DATABASE_URL", f"postgresql://db/a?password={SECRET}", "postgresql://db/a?password=***"),
        ("REDIS_URL", f"redis://:{SECRET}@cache:6379/0", "redis://:***@cache:6379/0"),
        ("OBJECTS_URL", f"s3://b?secret_key={SECRET}&region=x", "s3://b?secret_key=***&region=x"),
    ],
)
def test_addresses_are_shown_without_passwords(monkeypatch, name, value, shown):
    """Who and where stays readable."""
    assert in_force(monkeypatch, **{name: value})[f"AUTOGRAPH_{name}"].value == shown


def test_addresses_inside_of_lists_too(monkeypatch):
    """A password in a mapping of addresses is hidden as well."""
    upstreams = json.dumps({"auth": f"http://me:{SECRET}@auth:8085"})
    assert SECRET not in in_force(monkeypatch, UPSTREAMS=upstreams)["AUTOGRAPH_UPSTREAMS"].value


def test_no_setting_that_takes_text_can_leak_one_whose_name_says_secret(monkeypatch):
    """Whatever is added later: a name that ends like a secret is treated as one."""
    for name in names():
        if name.endswith(("TOKEN", "SECRET", "PASSWORD", "DSN", "_KEY")) and "TLS__" not in name:
            monkeypatch.setenv(name, SECRET)
    assert SECRET not in str(settings_in_force(Settings()))
