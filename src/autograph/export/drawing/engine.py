"""The layout engine: ELK, compiled to JavaScript, in an in-process V8. No browser, no Node, no network.

It holds the interpreter's thread while it works, so a server calls it in a worker process only.
"""

import functools
import json
from typing import Any

from autograph.export import assets

_SECONDS = 120
_SURROUNDINGS = """
var global = globalThis;
var setTimeout = function (callback) { Promise.resolve().then(callback); return 0 };
var clearTimeout = function () {};
var console = { log() {}, warn() {}, error() {}, info() {} };
var module = { exports: {} }, exports = module.exports;
"""
_ENTRY = """
;var ELK = module.exports.default || module.exports;
var elk = new ELK();
var layout = async text => JSON.stringify(await elk.layout(JSON.parse(text)));
"""


class LayoutFailed(Exception):  # noqa: N818 - what happened
    """The engine threw; it does on some compound graphs. Another candidate may work."""


class Engine:
    """One V8 with the engine loaded. Equal graphs give equal layouts."""

    def __init__(self) -> None:
        # Here and not above: a process that only plans drawings must not load a JavaScript engine.
        from py_mini_racer import MiniRacer  # noqa: PLC0415

        self._context = MiniRacer()
        self._context.eval(_SURROUNDINGS)
        self._context.eval(assets.read(assets.ENGINE) + _ENTRY)

    def lay_out(self, graph: dict[str, Any]) -> dict[str, Any]:
        """Return `graph` (ELK JSON) with positions, sizes and routes.

        Raises:
            LayoutFailed: The engine threw.
        """
        argument = json.dumps(json.dumps(graph))
        try:
            promise = self._context.eval(f"layout({argument})")
            answer = promise.get(timeout=_SECONDS)  # type: ignore[union-attr]
        except Exception as error:
            raise LayoutFailed(str(error)[:200]) from error
        placed: dict[str, Any] = json.loads(str(answer))
        return placed


@functools.cache
def engine() -> Engine:
    """This process's engine, loaded at the first need."""
    return Engine()
