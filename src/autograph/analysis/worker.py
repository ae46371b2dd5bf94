"""Runs in a worker process: reads one repository, telling how far it is, then gives the Model."""

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograph.analysis.read import read_repository

_TELL_EVERY_SECONDS = 0.1


def handle(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield ``{"done", "total", "current"}`` now and then, at last ``{"model"}``.

    Args:
        payload: ``root``, a folder; ``title``; ``revision``.
    """
    told: queue.SimpleQueue[dict[str, Any] | BaseException] = queue.SimpleQueue()

    def read() -> None:
        last = 0.0

        def progress(done: int, total: int, current: str) -> None:
            nonlocal last
            if (now := time.monotonic()) - last >= _TELL_EVERY_SECONDS or done == total:
                last = now
                told.put({"done": done, "total": total, "current": current})

        try:
            model = read_repository(Path(payload["root"]), title=payload["title"], progress=progress)
            model = model.model_copy(update={"revision": payload["revision"]})
            told.put({"model": model.model_dump(mode="json")})
        except BaseException as error:  # noqa: BLE001 - handed to the other thread, which raises it
            told.put(error)

    threading.Thread(target=read, daemon=True).start()
    while True:
        message = told.get()
        if isinstance(message, BaseException):
            raise message
        yield message
        if "model" in message:
            return
