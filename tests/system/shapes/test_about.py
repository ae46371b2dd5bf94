"""What is running, in both shapes: processes, tables, settings without their secrets, and who calls whom."""

import time

import pytest

pytestmark = pytest.mark.feature("observability.ops-page")


def test_administrators_see_what_is_running(installation, ada):
    """Processes that report; tables as the program expects them; what was set is told from what was not."""
    deadline = time.monotonic() + 15
    while True:
        status, _, found = ada("GET", "/api/ops/about")
        assert status == 200
        services = {name for process in found["processes"] for name in process["services"]}
        told = {name for setting in found["settings"] for name in setting["services"]}
        if services == told and {"gateway", "watch"} <= services:
            break
        assert time.monotonic() < deadline, (services, told)
        time.sleep(0.3)
    assert {"auth", "diagrams", "flags", "gateway", "watch"} <= {one["room"] for one in found["schemas"]}
    assert all(one["is_current"] and one["applied"] for one in found["schemas"])

    (port,) = [one for one in found["settings"] if one["name"] == "AUTOGRAPH_PORT"]
    assert (port["value"], port["is_default"]) == (str(installation.door.port), False)
    (token,) = [one for one in found["settings"] if one["name"] == "AUTOGRAPH_METRICS__TOKEN"]
    assert (token["value"], token["is_secret"], token["is_default"]) == ("not set", True, True)
    assert set(token["services"]) == services


@pytest.mark.feature("observability.dependencies")
def test_the_map_knows_calls_between_processes(installation, ada):
    """From the browser to the database, wherever the services run."""
    assert ada("GET", "/api/diagrams")[0] == 200
    deadline = time.monotonic() + 15
    wanted = {("browser", "gateway"), ("gateway", "auth"), ("gateway", "diagrams")}
    while True:
        edges = ada("GET", "/api/ops/map")[2]["edges"]
        seen = {(one["source"], one["target"]) for one in edges if one["state"] == "observed" and one["rate"]}
        if wanted <= seen:
            break
        assert time.monotonic() < deadline, seen
        time.sleep(0.3)
