"""The secrets by which services apart know each other: made once, kept from others, never shown."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from autograph.server.in_force import settings_in_force
from autograph.server.services import ServicesSettings, kept_secrets
from autograph.server.settings import Settings

pytestmark = pytest.mark.feature("security.secrets")

ONE, TWO = "one-" + "x" * 32, "two-" + "y" * 32


def test_many_starts_at_once_make_one_secret(tmp_path):
    """Whoever is first makes it, and all believe that one, though in containers all have the same process number."""
    for attempt in range(20):
        path, together = tmp_path / str(attempt) / "service-secrets.json", Barrier(7)

        def start(path=path, together=together):
            together.wait()
            return kept_secrets(path)

        with ThreadPoolExecutor(7) as pool:
            found = [start.result() for start in [pool.submit(start) for _ in range(7)]]
        assert len(set(found)) == 1
        assert [secret.get_secret_value() for secret in found[0]] == json.loads(path.read_text())["secrets"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert list(path.parent.iterdir()) == [path]


def test_each_installation_has_its_own(tmp_path):
    """256 random bits, and the same ones at the next start."""
    one, two = kept_secrets(tmp_path / "a" / "s.json"), kept_secrets(tmp_path / "b" / "s.json")
    assert one != two
    assert kept_secrets(tmp_path / "a" / "s.json") == one
    assert len(bytes.fromhex(one[0].get_secret_value())) == 32


def test_two_are_taken_and_none_is_shown(monkeypatch):
    """Two, separated by a comma, in the order in which they were given; no text of the settings has them."""
    monkeypatch.setenv("AUTOGRAPH_SERVICES__SECRETS", f"{ONE}, {TWO}")
    settings = Settings()
    assert [secret.get_secret_value() for secret in settings.services.secrets] == [ONE, TWO]
    (shown,) = [found for found in settings_in_force(settings) if found.name == "AUTOGRAPH_SERVICES__SECRETS"]
    assert (shown.value, shown.is_secret) == ("set", True)
    for text in (repr(settings), str(settings), settings.model_dump_json(), str(settings_in_force(settings))):
        assert "one-" not in text
        assert "two-" not in text


@pytest.mark.parametrize("given", ["short", "x" * 31, f"{ONE},short", f"{ONE},{TWO},{ONE}", f"{ONE},", ","])
def test_weak_ones_and_too_many_are_refused(given):
    """32 characters at least, two at most."""
    with pytest.raises(ValueError, match="secrets"):
        ServicesSettings.model_validate({"secrets": given})
