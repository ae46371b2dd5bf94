"""A worker module for the tests of autograph.core.workers: each payload names what it does."""

import os
import sys
import time
from collections.abc import Iterator


def handle(payload):
    """Do what `payload["do"]` says."""
    return ACTIONS[payload["do"]](payload)


def _count(payload) -> Iterator[int]:
    for number in range(payload["to"]):
        yield number
        time.sleep(payload.get("pause_seconds", 0))


def _spin(payload):
    while True:
        pass


def _fail(payload):
    raise ValueError("not today")


def _die(payload):
    sys.stderr.write("last words")
    sys.stderr.flush()
    os._exit(3)


def _eat(payload):
    return len(bytearray(payload["bytes"]))


def _echo(payload):
    sys.stdout.write("noise on standard output")
    sys.stdout.flush()
    return payload


ACTIONS = {
    "echo": _echo,
    "pid": lambda payload: os.getpid(),
    "sleep": lambda payload: time.sleep(payload["seconds"]),
    "count": _count,
    "spin": _spin,
    "fail": _fail,
    "die": _die,
    "eat": _eat,
}
