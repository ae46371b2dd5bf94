"""Which log events are written: one level for all, others for single services or modules, changed while running."""

import logging
from collections.abc import Mapping

LEVELS = ("debug", "info", "warning", "error", "critical")


class Levels:
    """Thresholds by name. Asked for every event, so the answer of each logger is remembered.

    Args:
        default: Level for everything that is not named.
        named: Levels by service (``auth``) or module (``autograph.auth.service``, and all below it).
    """

    def __init__(self, default: str = "info", named: Mapping[str, str] | None = None) -> None:
        self.default = default
        self.named: dict[str, str] = {}
        self._thresholds: dict[str, int] = {}
        self.change(default, named or {})

    def change(self, default: str, named: Mapping[str, str]) -> None:
        """Set every level anew, effective with the next event.

        Raises:
            ValueError: A level is none of `LEVELS`.
        """
        for level in (default, *named.values()):
            if level not in LEVELS:
                raise ValueError(f"{level!r} is not a level; there are {', '.join(LEVELS)}")
        self.default, self.named = default, dict(named)
        self._thresholds.clear()

    def shifted(self, default: str, steps: int) -> str:
        """Return the level that lets `steps` kinds of events more through than `default`, fewer when negative."""
        return LEVELS[max(0, min(len(LEVELS) - 1, LEVELS.index(default) - steps))]

    def allow(self, logger: str, level: str) -> bool:
        """Whether an event of `level` by the logger of this name is written."""
        threshold = self._thresholds.get(logger)
        if threshold is None:
            threshold = self._thresholds[logger] = _NUMBERS[self._level_of(logger)]
        return _NUMBERS[level] >= threshold

    def _level_of(self, logger: str) -> str:
        """The level of the longest name that owns the logger."""
        name = logger
        while name:
            for candidate in (name, name.removeprefix("autograph.")):
                if candidate in self.named:
                    return self.named[candidate]
            name = name.rpartition(".")[0]
        return self.default


_NUMBERS = {level: logging.getLevelNamesMapping()[level.upper()] for level in LEVELS} | {
    "warn": logging.WARNING,
    "exception": logging.ERROR,
}
