"""A pytest plug-in that prints which promises of features.toml have passing tests (`make features`)."""

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_outcomes: dict[str, list[bool]] = defaultdict(list)


def pytest_configure(config: pytest.Config) -> None:
    """Start with a clean slate, also when a test runs pytest inside pytest."""
    _outcomes.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Write on each test which promises it names, so that its report tells them to whichever process counts."""
    for item in items:
        item.user_properties.extend(
            ("feature", promise) for mark in item.iter_markers("feature") for promise in mark.args
        )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note for each promise that a test names whether the test passed."""
    if report.when == "call" or report.outcome != "passed":
        for name, promise in report.user_properties:
            if name == "feature":
                _outcomes[str(promise)].append(report.outcome == "passed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line a promise, then the count."""
    promised = tomllib.loads((ROOT / "features.toml").read_text())
    kept = 0
    for section, lines in promised.items():
        terminalreporter.section(section)
        for name, promise in lines.items():
            results = _outcomes.get(f"{section}.{name}", [])
            state = "no test" if not results else f"{sum(results)} of {len(results)} pass"
            kept += bool(results) and all(results)
            terminalreporter.write_line(f"{state:>14}  {name:18} {promise}")
    total = sum(len(lines) for lines in promised.values())
    terminalreporter.section("promises")
    terminalreporter.write_line(f"{kept} of {total} have tests that all pass")
