"""Tests of what operators load into Prometheus and Grafana: it asks for nothing that no process tells."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from autograph.core.clock import SystemClock
from autograph.model.telemetry import Durations, EdgeCounts, QueryCounts
from autograph.observability.telemetry import Telemetry

DEPLOY = Path(__file__).parents[3] / "deploy"
RULES = DEPLOY / "prometheus" / "autograph.rules.yml"
DASHBOARD = DEPLOY / "grafana" / "autograph.json"

pytestmark = pytest.mark.feature("observability.metrics")

_NAME = re.compile(r"\b(?:http|db|traces|autograph|cpu)_[a-z0-9_]+\b")
_LABELS = {"http_response_status_code", "http_route", "http_request_method"}
_GAUGES = ("pool_in_use", "pool_size", "memory_seconds_to_limit", "disk_used_percent", "loop_lag_p99_seconds")


@pytest.fixture
def told(tmp_path):
    """Every series that a process can tell, by name."""
    telemetry = Telemetry(["gateway"], version="3", clock=SystemClock(), folder=tmp_path)
    telemetry.requests.route(("gateway", "GET", "/", 200)).durations.add(0.1)
    telemetry.gauges.append(lambda: dict.fromkeys((*_GAUGES, "cpu_percent", "memory_rss_bytes"), 1.0))
    some = Durations(counts=(1,) + (0,) * 14)
    now = telemetry.observations().model_copy(
        update={
            "edges": (EdgeCounts(source="a", target="b", kind="http", durations=some),),
            "queries": (QueryCounts(shape="s", statement="SELECT 1", service="a", durations=some),),
        }
    )
    telemetry.metrics._read = lambda: now  # a process that has seen everything
    text = telemetry.metrics.text()[0].decode()
    return {
        line.partition("{")[0].partition(" ")[0] for line in text.splitlines() if not line.startswith("#")
    }


def asked(expressions):
    """Names of series in PromQL."""
    return {name for one in expressions for name in _NAME.findall(one)} - _LABELS


def test_rules_ask_for_series_that_exist(told):
    """A rule on a name that nobody tells would never fire."""
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    recorded = {rule["record"] for rule in rules if "record" in rule}
    names = asked(re.sub(r"service:\w+:\w+", "", rule["expr"]) for rule in rules)
    assert names <= told
    for rule in rules:
        assert set(re.findall(r"service:\w+:\w+", rule["expr"])) <= recorded
        if "alert" in rule:
            assert rule["annotations"]["summary"]
            assert rule["labels"]["severity"] in {"critical", "warning", "none"}


def test_the_dashboard_asks_for_series_that_exist(told):
    """No panel of the dashboard is empty by a wrong name."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    names = asked(target["expr"] for panel in panels for target in panel["targets"])
    assert names <= told
    assert len({panel["title"] for panel in panels}) == len(panels) >= 10


def test_promtool_accepts_the_rules():
    """Prometheus' own checker finds nothing."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not on this machine")
    done = subprocess.run(
        [promtool, "check", "rules", str(RULES)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
