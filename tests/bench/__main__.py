"""Runs every measurement, or those named: `python -m tests.bench [score_truth] [requests] …`."""

import importlib
import pkgutil
import sys

import tests.bench


def main() -> None:
    """Run the modules of this folder one after the other, each under its own title."""
    names = sys.argv[1:] or sorted(
        m.name for m in pkgutil.iter_modules(tests.bench.__path__) if m.name != "__main__"
    )
    for name in names:
        sys.stdout.write(f"\n== {name}\n")
        sys.stdout.flush()
        importlib.import_module(f"tests.bench.{name}").main()


if __name__ == "__main__":
    main()
