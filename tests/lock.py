"""Writes requirements/*.lock from pyproject.toml (`make lock`): versions and hashes, no addresses."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
OPTIONS = [
    "--generate-hashes",
    "--no-annotate",
    "--no-header",
    "--universal",
    "--python-version",
    "3.11",
    "--quiet",
]


def main() -> None:
    """Resolve with uv, installed for this one call into a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder)
        subprocess.run([sys.executable, "-m", "venv", str(tools)], check=True)
        subprocess.run([str(tools / "bin" / "pip"), "install", "--quiet", "uv"], check=True)
        run = ROOT / "requirements" / "run.lock"
        for name, source in {
            "run": ["pyproject.toml"],
            "build": ["--group", "build", "-c", str(run)],
            "test": ["--group", "test", "-c", str(run)],
        }.items():
            target = ROOT / "requirements" / f"{name}.lock"
            command = [str(tools / "bin" / "uv"), "pip", "compile", *OPTIONS, *source, "-o", str(target)]
            subprocess.run(command, cwd=ROOT, check=True)
            text = re.sub(
                r"^--(?:extra-)?index-url .*\n|^--find-links .*\n", "", target.read_text(), flags=re.MULTILINE
            )
            target.write_text(text)


if __name__ == "__main__":
    main()
