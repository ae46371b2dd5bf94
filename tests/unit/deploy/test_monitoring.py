"""Tests of what operators load into Prometheus and Grafana: it asks for nothing that no process tells."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.servers import promtool as promtools
from tests.servers.process import Absent

from autograph.core.clock import SystemClock
from autograph.model.telemetry import Durations, EdgeCounts, QueryCounts
from autograph.observability.telemetry import Telemetry

DEPLOY = Path(__file__).parents[3] / "deploy"
RULES = DEPLOY / "prometheus" / "autograph.rules.yml"
DASHBOARD = DEPLOY / "grafana" / "autograph.json"

pytestmark = pytest.mark.feature("observability.metrics")

_NAME = re.compile(r"\b(?:http|db|traces|autograph|cpu|dependency)_[a-z0-9_]+\b")
_LABELS = {"http_response_status_code", "http_route", "http_request_method"}
_GAUGES = ("pool_in_use", "pool_size", "memory_seconds_to_limit", "disk_used_percent", "loop_lag_p99_seconds")


@pytest.fixture
def page(tmp_path):
    """What a process tells that has seen everything."""
    telemetry = Telemetry(["gateway"], version="3", clock=SystemClock(), folder=tmp_path)
    telemetry.requests.route(("gateway", "GET", "/", 200)).durations.add(0.1)
    telemetry.gauges.append(lambda: dict.fromkeys((*_GAUGES, "cpu_percent", "memory_rss_bytes"), 1.0))
    some = Durations(counts=(1,) + (0,) * 14)
    now = telemetry.observations().model_copy(
        update={
            "edges": (EdgeCounts(source="a", target="b", kind="database", durations=some),),
            "queries": (QueryCounts(shape="s", statement="SELECT 1", service="a", durations=some),),
        }
    )
    telemetry.metrics._read = lambda: now  # a process that has seen everything
    return telemetry.metrics.text()[0].decode()


@pytest.fixture
def told(page):
    """Every series that a process can tell, by name."""
    return {
        line.partition("{")[0].partition(" ")[0] for line in page.splitlines() if not line.startswith("#")
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


@pytest.fixture
def promtool():
    """Prometheus' own checker, called with arguments and perhaps something to read; returns whether and what."""
    try:
        program = promtools.find()
    except Absent as reason:
        pytest.skip(str(reason))

    def run(*arguments, text=""):
        done = subprocess.run(
            [program, *map(str, arguments)], input=text, capture_output=True, text=True, check=False
        )
        return done.returncode == 0, done.stdout + done.stderr

    return run


def test_promtool_accepts_the_rules(promtool, tmp_path):
    """Prometheus' own checker finds nothing in ours, and something in a broken copy."""
    fine, said = promtool("check", "rules", RULES)
    assert fine, said
    broken = tmp_path / "broken.yml"
    broken.write_text(RULES.read_text().replace("expr: ", "expr: ((", 1))
    assert not promtool("check", "rules", broken)[0]


def series(labels, values):
    """One input of promtool's tests."""
    return {
        "series": f"http_server_request_duration_seconds_count{{service='auth',{labels}}}",
        "values": values,
    }


def test_the_rules_fire_when_they_should(promtool, tmp_path):
    """A process that is down for 4 minutes alerts nobody, for 6 it does; one request in ten that fails does."""
    at_rest = {"eval_time": "10m", "exp_alerts": []}
    down = {
        "exp_labels": {"severity": "critical", "job": "autograph", "instance": "a:8080"},
        "exp_annotations": {
            "summary": "a:8080 does not answer",
            "description": "Look at its log, and start it again.",
        },
    }
    failing = {
        "exp_labels": {"severity": "critical", "service": "auth"},
        "exp_annotations": {
            "summary": "10% of the requests to auth fail",
            "description": "The operations page lists the errors with their stack traces.",
        },
    }
    case = {
        "interval": "1m",
        "input_series": [
            {"series": "up{job='autograph',instance='a:8080'}", "values": "1x10 0x30"},
            series("http_response_status_code='200'", "0+54x40"),
            series("http_response_status_code='500'", "0x10 0+6x30"),
        ],
        "alert_rule_test": [
            {"alertname": "AutoGraphDown", **at_rest},
            {"alertname": "AutoGraphDown", "eval_time": "15m", "exp_alerts": []},
            {"alertname": "AutoGraphDown", "eval_time": "17m", "exp_alerts": [down]},
            {"alertname": "AutoGraphErrors", **at_rest},
            {"alertname": "AutoGraphErrors", "eval_time": "30m", "exp_alerts": [failing]},
        ],
    }
    tests = tmp_path / "tests.yml"
    tests.write_text(
        yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [case]})
    )
    fine, said = promtool("test", "rules", tests)
    assert fine, said


def test_promtool_accepts_the_page(promtool, page):
    """What a process tells parses as Prometheus reads it; no series is without type or help, no name is odd."""
    fine, said = promtool("check", "metrics", text=page)
    assert fine, said
    assert not promtool("check", "metrics", text=page.replace("# HELP cpu_usage_percent", "# HELP none", 1))[
        0
    ]
