"""The services as the command line knows them."""

import re
from pathlib import Path

from autograph.server.cli import PORTS
from autograph.server.settings import SERVICES


def test_every_service_can_run_apart():
    """`serve` knows each service and the gateway, each with a port of its own."""
    assert PORTS.keys() == {"gateway", *SERVICES}
    assert len({*PORTS.values()}) == len(PORTS)


def test_the_ports_are_documented():
    """The table of services in the explanation names each service with its port."""
    page = (Path(__file__).parents[3] / "docs/explanation/architecture.md").read_text()
    rows = dict(re.findall(r"^\| (\w+) \| (\d+) \|", page, re.MULTILINE))
    assert rows == {name: str(port) for name, port in PORTS.items()}
