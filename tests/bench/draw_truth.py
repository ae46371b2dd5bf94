"""What drawing real repositories takes, and whether the pictures keep every gate.

`AUTOGRAPH_BENCH_TRUTH_REPOS` names a folder with one checkout a repository. Each is drawn by `autograph draw` in a
process of its own, twice: seconds and peak memory are the command's, start-up included. Gates and measures are those
of the final geometry; texts are measured as a browser sets them, when there is one.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from autograph.analysis.read import read_repository
from autograph.export.drawing.compose import compose
from autograph.export.drawing.gates import CROSSINGS_PER_CARD, LEAST_GAP, Report, inspect
from autograph.model.architecture import Model
from tests.servers.autograph import compiled
from tests.servers.process import Absent
from tests.servers.typeset import Texts, typesetter

ASPECT = (0.8, 3.3)
COMMAND = """
import atexit, sys
from pathlib import Path
def told():
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    sys.stdout.write(peak.split()[1])
atexit.register(told)
from autograph.server.cli import main
main()
"""
"""`autograph` with its arguments; at its end it tells the most memory it has had, in KiB."""


@dataclass(frozen=True)
class Drawn:
    """One command that was run: seconds from start to end, peak memory, and what it wrote."""

    seconds: float
    peak_mb: float
    svg: bytes


def draw(source: Path, inherited: dict[str, str], theme: str = "light") -> Drawn:
    """Run `autograph draw` in a fresh process with the environment `inherited`.

    Raises:
        RuntimeError: The command failed; says what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.svg"
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, "draw", str(source), "-o", str(target), "--theme", theme],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=inherited,
        )
        seconds = time.perf_counter() - began
        if done.returncode:
            raise RuntimeError(f"{source.name}: {done.stderr.strip()}")
        return Drawn(seconds, int(done.stdout) / 1024, target.read_bytes())


def identities_lost(svg: bytes, model: Model) -> int:
    """Components and relations of the model without an element of their own, or named on one, in the file."""
    text = html.unescape(svg.decode())
    shown = {int(found) for found in re.findall(r'data-edge="[^"]*\|(\d+)"', text)}
    named = set(re.findall(r'data-node="([^"]*)"', text))
    return len(set(range(len(model.edges))) - shown) + len({node.id for node in model.nodes} - named)


def row(name: str, drawn: Drawn, report: Report) -> str:
    """One line of the table."""
    return (
        f"{name:40s}{drawn.seconds:6.2f}{drawn.peak_mb:7.0f}{report.cards:6d}{report.lines:6d}"
        f"{report.crossings:6d}{report.crossings_per_card:6.2f}{report.bends:6d}{report.least_gap:6.1f}"
        f"{report.aspect:7.2f}{report.width * report.height / 1e6:6.2f}"
    )


def missed(report: Report) -> list[str]:
    """Targets (not gates) that a picture misses."""
    found = []
    if report.least_gap < LEAST_GAP:
        found.append(f"gap {report.least_gap:.1f} < {LEAST_GAP:g}")
    if report.crossings_per_card > CROSSINGS_PER_CARD:
        found.append(f"crossings {report.crossings_per_card:.2f} a card > {CROSSINGS_PER_CARD}")
    if not ASPECT[0] <= report.aspect <= ASPECT[1]:
        found.append(f"aspect {report.aspect:.2f} outside {ASPECT[0]}-{ASPECT[1]}")
    return found


def gates_of(model: Model, report: Report, first: Drawn, second: Drawn) -> dict[str, int]:
    """Every count that must be 0, by name."""
    return {
        **{field.name: getattr(report.gates, field.name) for field in fields(report.gates)},
        "identities_lost": identities_lost(first.svg, model),
        "bytes_differ": int(first.svg != second.svg),
    }


def texts_of(pictures: Mapping[str, str]) -> dict[str, Texts]:
    """Each picture's texts as a browser sets them; none where there is no browser.

    The browser's driver runs an event loop in this thread, in which the layout engine cannot wait: nothing is
    laid out while it is open.
    """
    try:
        with typesetter() as typeset:
            return {name: typeset(svg) for name, svg in pictures.items()}
    except Absent as reason:
        sys.stdout.write(f"texts are not measured: {reason}\n")
        return {}


def main() -> None:
    """Draw every repository; print measures, then the gates, then what misses a target."""
    repositories = os.environ.get("AUTOGRAPH_BENCH_TRUTH_REPOS")
    if not repositories:
        sys.stdout.write("skipped: AUTOGRAPH_BENCH_TRUTH_REPOS is not set\n")
        return
    sys.stdout.write(
        f"{'':40s}{'s':>6s}{'MB':>7s}{'cards':>6s}{'lines':>6s}{'cross':>6s}{'/card':>6s}{'bends':>6s}"
        f"{'gap':>6s}{'aspect':>7s}{'Mpx':>6s}\n"
    )
    with tempfile.TemporaryDirectory() as bytecode:
        _measure(Path(repositories), compiled(Path(bytecode)))


def _measure(repositories: Path, inherited: dict[str, str]) -> None:
    gates: dict[str, dict[str, int]] = {}
    pictures: dict[str, str] = {}
    wide: list[str] = []
    sources = sorted(path for path in repositories.iterdir() if path.is_dir())
    draw(sources[0], inherited)  # compiles the program, as an installation has it
    for source in sources:
        model = read_repository(source, title=source.name)
        report, light = inspect(compose(model)), draw(source, inherited)
        gates[source.name] = gates_of(model, report, light, draw(source, inherited))
        if model.edges and not report.lines:
            wide.append(f"{source.name}: {len(model.edges)} relations and no line")
        pictures |= {
            source.name: light.svg.decode(),
            f"{source.name}, dark": draw(source, inherited, "dark").svg.decode(),
        }
        wide += [f"{source.name}: {reason}" for reason in missed(report)]
        sys.stdout.write(row(source.name, light, report) + "\n")
        sys.stdout.flush()
    texts = texts_of(pictures)
    told(gates, texts, wide)


def told(gates: Mapping[str, Mapping[str, int]], texts: Mapping[str, Texts], wide: Sequence[str]) -> None:
    """Print the gates over all pictures, which of them break which, and the targets that are missed."""
    counts = [*gates.items(), *((name, found.faults) for name, found in texts.items())]
    total: Counter[str] = Counter()
    for _, found in counts:
        total.update(found)
    sys.stdout.write(f"\ngates over {len(gates)} models and {len(texts)} pictures in a browser\n")
    for gate, count in total.items():
        where = ", ".join(f"{name} {found[gate]}" for name, found in counts if found.get(gate))
        sys.stdout.write(f"  {gate:26s}{count:5d}  {where}\n")
    if texts:
        number, least = sum(t.count for t in texts.values()), min(t.smallest for t in texts.values())
        sys.stdout.write(f"  {number} texts, the smallest {least:g} px\n")
    sys.stdout.write(f"targets missed: {len(wide)}\n")
    sys.stdout.writelines(f"  {reason}\n" for reason in wide)


if __name__ == "__main__":
    main()
