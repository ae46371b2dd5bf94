"""How true the diagrams are: reads repositories whose architecture is known and prints precision, recall and F1.

`AUTOGRAPH_BENCH_TRUTH` names the folder with `score.py` and one `<app>.json` each, `AUTOGRAPH_BENCH_TRUTH_REPOS`
the folder with one checkout `<app>/` each; `AUTOGRAPH_BENCH_TRUTH_OUT`, if set, keeps what was read. The readers were
written with these repositories at hand: the figures are no promise for others.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from autograph.analysis.read import read_repository
from autograph.model.architecture import Model

KINDS = ("nodes", "edges", "edges_directed")
MEASURES = ("p", "r", "f1")


def scored(model: Model) -> dict[str, list[dict[str, object]]]:
    """The model in the shape that `score.py` reads."""
    return {
        "nodes": [{"id": node.id, "name": node.name, "kind": node.kind.value} for node in model.nodes],
        "edges": [
            {
                "from": edge.source,
                "to": edge.target,
                "label": edge.label,
                "evidence": [{"file": one.file, "line": one.line} for one in edge.evidence],
            }
            for edge in model.edges
        ],
    }


def read_all(repositories: Path, out: Path) -> int:
    """Read every checkout, keep its model in `out` and print what it took; return the edges without evidence."""
    bare = 0
    for app in sorted(path for path in repositories.iterdir() if path.is_dir()):
        began = time.perf_counter()
        model = read_repository(app, title=app.name)
        seconds = time.perf_counter() - began
        (out / f"{app.name}.json").write_text(json.dumps(scored(model)))
        without = sum(not edge.evidence for edge in model.edges)
        bare += without
        sys.stdout.write(
            f"{app.name:42s} {seconds:6.2f} s  {len(model.nodes):3d} nodes {len(model.edges):3d} edges "
            f"({without} without evidence) {len(model.unresolved):3d} unresolved {len(model.skipped):2d} skipped\n"
        )
        sys.stdout.flush()
    return bare


def compared(truth: Path, out: Path, *options: str) -> dict[str, Any]:
    """What `score.py` says of the models in `out`.

    Raises:
        CalledProcessError: It could not compare them.
    """
    command = [sys.executable, str(truth / "score.py"), "--batch", "--json", str(truth), str(out), *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def table(found: dict[str, Any]) -> None:
    """Print every app, then all together: micro counts edges, macro counts apps."""
    apps = found["apps"]
    macro = {
        kind: {m: sum(app[kind][m] for app in apps) / max(1, len(apps)) for m in MEASURES} for kind in KINDS
    }
    sys.stdout.write(f"{'':42s}" + "".join(f"{kind + ' P/R/F1':20s}" for kind in KINDS) + "\n")
    for app in apps:
        _line(app["app"], app)
    _line(f"micro ({len(apps)} apps)", found["micro"])
    _line(f"macro ({len(apps)} apps)", macro)


def _line(name: str, values: dict[str, Any]) -> None:
    cells = ("/".join(f"{values[kind][m]:.3f}" for m in MEASURES) for kind in KINDS)
    sys.stdout.write(f"{name:42s}" + "".join(f"{cell:20s}" for cell in cells) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print the score of every repository, with and without infrastructure, and the time each took."""
    truth, repositories = (
        os.environ.get("AUTOGRAPH_BENCH_TRUTH"),
        os.environ.get("AUTOGRAPH_BENCH_TRUTH_REPOS"),
    )
    if not truth or not repositories:
        sys.stdout.write("skipped: AUTOGRAPH_BENCH_TRUTH and AUTOGRAPH_BENCH_TRUTH_REPOS are not set\n")
        return
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(os.environ.get("AUTOGRAPH_BENCH_TRUTH_OUT") or scratch)
        out.mkdir(parents=True, exist_ok=True)
        bare = read_all(Path(repositories), out)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sys.stdout.write(f"edges without evidence: {bare}; peak memory of this process {peak} MiB\n")
        for options, title in (((), "everything"), (("--core",), "core: without people and infrastructure")):
            sys.stdout.write(f"\n{title}\n")
            table(compared(Path(truth), out, *options))


if __name__ == "__main__":
    main()
