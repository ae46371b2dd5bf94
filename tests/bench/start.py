"""What an installation takes: seconds from the command to healthy, memory and CPU at rest, and the first page load.

Each start is a fresh `autograph up` on a port of its own. A start on an empty folder makes the database; one on a
used folder finds it. Bytes of a page are those on the wire, as a real browser with an empty cache counts them.
"""

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.servers import chromium
from tests.servers.autograph import Running, compiled, without_settings
from tests.servers.process import Absent

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
SECONDS_AT_REST = 20.0
TIMES = 5
MIB = 1024 * 1024


@contextmanager
def started(folder: Path, inherited: dict[str, str]) -> Iterator[tuple[Running, float]]:
    """Start a process on the data in `folder`; yield it and the seconds until /health said so."""
    began = time.perf_counter()
    running = Running(folder, inherited=inherited, LOG_LEVEL="warning")
    try:
        while running.ask("GET", "/health")[0] != http.client.OK:
            time.sleep(0.01)
        yield running, time.perf_counter() - began
    finally:
        running.stop()


def starts(scratch: Path, bytecode: dict[str, str]) -> None:
    """Print how long a start takes: never compiled, on an empty folder, on a used one."""
    plain = {**without_settings(), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.stdout.write(f"start, not compiled     {start_in(scratch / 'plain', plain):6.2f} s\n")
    start_in(scratch / "warm", bytecode)
    said("start, empty folder", [start_in(scratch / f"empty{n}", bytecode) for n in range(TIMES)])
    said("start, used folder", [start_in(scratch / "empty0", bytecode) for _ in range(TIMES)])


def start_in(folder: Path, inherited: dict[str, str]) -> float:
    """Seconds of one start."""
    folder.mkdir(exist_ok=True)
    with started(folder, inherited) as (_, seconds):
        return seconds


def said(name: str, seconds: list[float]) -> None:
    """One line of the figures of several starts."""
    median = statistics.median(seconds)
    held = "held" if median <= 2 else "MISSED"
    line = f"{name:24s}{median:6.2f} s median of {len(seconds)}, {max(seconds):.2f} s at most"
    sys.stdout.write(f"{line}  target 2 s: {held}\n")
    sys.stdout.flush()


def at_rest(scratch: Path, bytecode: dict[str, str]) -> None:
    """Print memory and CPU of the processes after a start, while nobody asks anything."""
    with started(scratch / "empty0", bytecode) as (running, _):
        time.sleep(3)
        process = psutil.Process(running.process.pid)
        family = [process, *process.children(recursive=True)]
        before, began = [one.cpu_times() for one in family], time.perf_counter()
        time.sleep(SECONDS_AT_REST)
        after = [one.cpu_times() for one in family]
        seconds = time.perf_counter() - began
        used = sum(b.user + b.system - a.user - a.system for a, b in zip(before, after, strict=True))
        resident = sum(one.memory_info().rss for one in family) / MIB
        own = sum(one.memory_full_info().uss for one in family) / MIB
        percent = used / seconds * 100
        sys.stdout.write(
            f"at rest for {seconds:.0f} s: {len(family)} process(es), {resident:.0f} MiB RSS ({own:.0f} MiB own)"
            f"  target 150: {'held' if resident <= 150 else 'MISSED'}; {percent:.2f} % CPU"
            f"  target 0.5: {'held' if percent <= 0.5 else 'MISSED'}\n"
        )
        sys.stdout.flush()


@dataclass
class Load:
    """What a page has fetched."""

    sizes: dict[str, int] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        largest = sorted(self.sizes.items(), key=lambda item: -item[1])[:4]
        names = ", ".join(f"{Path(url).name or '/'} {size / 1000:.0f}" for url, size in largest)
        total = sum(self.sizes.values()) / 1000
        return f"{total:7.1f} kB in {len(self.sizes)} requests (largest, kB: {names})"


def pages(scratch: Path, bytecode: dict[str, str]) -> None:
    """Print what the first load of sign-in and of an empty and a filled library costs."""
    from playwright.sync_api import sync_playwright

    path, env = chromium.find()
    folder = scratch / "pages"
    folder.mkdir()
    with started(folder, bytecode) as (running, _), sync_playwright() as play:
        # The browser's driver talks through a loop of its own: the administrator comes by the command.
        create(folder, bytecode)
        browser = play.chromium.launch(executable_path=path, args=chromium.FLAGS, env={**os.environ, **env})
        base = f"http://127.0.0.1:{running.port}"
        for name, documents in (("sign-in", None), ("library, empty", 0), ("library, 24 cards", 24)):
            context = browser.new_context(base_url=base)
            if documents is not None:
                body = {"email": EMAIL, "password": PASSWORD, "cookie": True}
                assert context.request.post("/api/auth/login", data=body, headers={"origin": base}).ok
            for n in range(documents or 0):
                new = {"title": f"Plan {n}", "code": f"flowchart LR\n  a{n} --> b"}
                assert context.request.post("/api/diagrams", data=new, headers={"origin": base}).ok
            page = context.new_page()
            load, session = Load(), context.new_cdp_session(page)
            session.send("Network.enable")
            urls: dict[str, str] = {}
            session.on(
                "Network.requestWillBeSent", lambda e, u=urls: u.update({e["requestId"]: e["request"]["url"]})
            )
            session.on(
                "Network.loadingFinished",
                lambda e, u=urls, found=load: (
                    found.sizes.update({u[e["requestId"]]: e["encodedDataLength"]})
                    if u.get(e["requestId"], "").startswith("http")
                    else None
                ),
            )
            began = time.perf_counter()
            page.goto("/")
            page.wait_for_load_state("networkidle")
            seconds = time.perf_counter() - began - 0.5
            outside = sum(not url.startswith(base) for url in load.sizes)
            sys.stdout.write(f"{name:20s}{load}; {outside} to other hosts; quiet after {seconds:.2f} s\n")
            sys.stdout.flush()
            context.close()
        browser.close()


def create(folder: Path, inherited: dict[str, str]) -> None:
    """Make the administrator who signs in.

    Raises:
        CalledProcessError: The command refused.
    """
    subprocess.run(
        [sys.executable, "-m", "autograph", "admin", "create", "--email", EMAIL],
        input=PASSWORD.encode() + b"\n",
        env={**inherited, "AUTOGRAPH_DATA": str(folder / "data")},
        cwd=folder,
        check=True,
        capture_output=True,
    )


def main() -> None:
    """Measure starts, rest and pages, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        bytecode = compiled(scratch / "bytecode")
        starts(scratch, bytecode)
        at_rest(scratch, bytecode)
        try:
            pages(scratch, bytecode)
        except Absent as reason:
            sys.stdout.write(f"pages are not measured: {reason}\n")


if __name__ == "__main__":
    main()
