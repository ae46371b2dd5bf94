"""When the program looks for garbage: not while it starts, not when it ends, and always in between."""

import gc
import subprocess
import sys

from autograph.server import cli

RUN = """
import atexit, gc, sys
from autograph.__main__ import main
sys.argv = ["autograph", "version"]
atexit.register(lambda: print(gc.get_stats()[2]["collections"], gc.get_freeze_count() > 50_000))
main()
"""


def test_neither_at_the_start_nor_at_the_end():
    """No whole collection happens while everything is imported, and what there is at the end is left to the system."""
    done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, check=True, text=True, timeout=60)
    assert done.stdout.splitlines()[1:] == ["0 True"]


def test_always_in_between():
    """Whatever a command does, and a server for as long as it runs, has its garbage collected."""
    seen = []
    gc.disable()
    try:
        cli._guarded(lambda: seen.append(gc.isenabled()))
    finally:
        gc.enable()
    assert seen == [True]
