"""How true the diagrams are: reads repositories whose architecture is known and prints precision, recall and F1.

`AUTOGRAPH_BENCH_TRUTH` names the folder with `score.py` and one `<app>.json` each, `AUTOGRAPH_BENCH_TRUTH_REPOS`
the folder with one checkout `<app>/` each.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograph.analysis.read import read_repository
from autograph.model.architecture import Model


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


def main() -> None:
    """Print the score of every repository, with and without infrastructure, and the time each took."""
    truth, repositories = (
        os.environ.get("AUTOGRAPH_BENCH_TRUTH"),
        os.environ.get("AUTOGRAPH_BENCH_TRUTH_REPOS"),
    )
    if not truth or not repositories:
        sys.stdout.write("skipped: AUTOGRAPH_BENCH_TRUTH and AUTOGRAPH_BENCH_TRUTH_REPOS are not set\n")
        return
    out = Path(os.environ.get("AUTOGRAPH_BENCH_TRUTH_OUT") or tempfile.mkdtemp(prefix="score-"))
    out.mkdir(parents=True, exist_ok=True)
    for app in sorted(Path(repositories).iterdir()):
        began = time.perf_counter()
        model = read_repository(app, title=app.name)
        seconds = time.perf_counter() - began
        (out / f"{app.name}.json").write_text(json.dumps(scored(model)))
        bare = sum(not edge.evidence for edge in model.edges)
        sys.stdout.write(
            f"{app.name:42s} {seconds:6.2f} s  {len(model.nodes):3d} nodes {len(model.edges):3d} edges "
            f"({bare} without evidence) {len(model.unresolved):3d} unresolved {len(model.skipped):2d} skipped\n"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"peak memory {peak} MiB\n")
    sys.stdout.flush()
    for extra in ([], ["--core"]):
        sys.stdout.write(f"\n{' '.join(extra) or 'everything'}\n")
        sys.stdout.flush()
        subprocess.run([sys.executable, f"{truth}/score.py", "--batch", truth, str(out), *extra], check=True)


if __name__ == "__main__":
    main()
