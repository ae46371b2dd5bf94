"""How full what can be full is: processors, memory, disk, the database pool, and how late the event loop is."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from autograph.model.telemetry import Observations
from autograph.watch.shapes import Forecast, Saturation
from autograph.watch.store import GaugeSample

Identity = Literal["cpu", "memory", "disk", "objects", "pool", "loop"]
Unit = Literal["percent", "bytes", "connections", "seconds"]

_RATIOS: dict[str, tuple[str, str | None]] = {
    "cpu": ("cpu_percent", None),
    "memory": ("memory_rss_bytes", "memory_limit_bytes"),
    "disk": ("disk_used_bytes", "disk_total_bytes"),
    "objects": ("objects_bytes", "objects_limit_bytes"),
    "pool": ("pool_in_use", "pool_size"),
    "loop": ("loop_lag_p99_seconds", None),
}
_FULL = {"cpu": 100.0, "loop": 1.0}
"""What counts as all of a gauge that has no limit of its own."""


def saturation(
    readings: Sequence[Observations],
    history: Sequence[GaugeSample],
    *,
    start: float,
    width: float,
    bins: int,
    at: datetime,
) -> list[Saturation]:
    """Return how full the fullest process is, a measure each; None where no process has measured.

    Args:
        readings: The newest reading of every process.
        history: Kept gauges of the range, the oldest first.
        start: Unix time at which the range begins.
        width: Seconds of a step of the series.
        bins: Steps of the series.
        at: Now.
    """
    gauges = [reading.gauges for reading in readings]
    has_limit = any("objects_limit_bytes" in found for found in gauges)
    series = {
        identity: _ratios(identity, history, start=start, width=width, bins=bins) for identity in _RATIOS
    }
    return [
        _measured("cpu", "CPU", "percent", gauges, series["cpu"]),
        _measured(
            "memory",
            "Memory",
            "bytes",
            gauges,
            series["memory"],
            _forecast(gauges, "memory_seconds_to_limit", at),
        ),
        _measured(
            "disk", "Disk", "bytes", gauges, series["disk"], _forecast(gauges, "disk_seconds_to_full", at)
        ),
        *([_of_objects(gauges, series["objects"], at)] if has_limit else []),
        _measured("pool", "Database pool", "connections", gauges, series["pool"], note=_of_pool(readings)),
        _measured("loop", "Event loop lag", "seconds", gauges, series["loop"]),
    ]


def _measured(
    identity: Identity,
    label: str,
    unit: Unit,
    gauges: Sequence[Mapping[str, float]],
    series: list[float | None],
    forecast: Forecast | None = None,
    note: str = "",
) -> Saturation:
    pairs = [pair for found in gauges if (pair := _ratio(identity, found))]
    value, limit = max(pairs, key=lambda pair: pair[0] / pair[1], default=(None, None))
    return Saturation(
        id=identity,
        label=label,
        value=value,
        limit=limit,
        unit=unit,
        ratio=value / limit if value is not None and limit else None,
        series=series,
        forecast=forecast,
        note=note,
    )


def _of_objects(
    gauges: Sequence[Mapping[str, float]], series: list[float | None], at: datetime
) -> Saturation:
    """The object store, where the operator has said how large it may be."""
    forecast = _forecast(gauges, "objects_seconds_to_full", at)
    return _measured("objects", "Object store", "bytes", gauges, series, forecast)


def _of_pool(readings: Sequence[Observations]) -> str:
    """Who waits for a connection now, and how often somebody has waited in vain."""
    waiting = sum(reading.gauges.get("pool_waiting", 0.0) for reading in readings)
    timeouts = sum(reading.counters.get("pool_timeouts", 0.0) for reading in readings)
    said = [f"{waiting:.0f} waiting"] if waiting else []
    return ", ".join([*said, f"{timeouts:.0f} waited in vain"] if timeouts else said)


def _ratio(identity: str, gauges: Mapping[str, float]) -> tuple[float, float] | None:
    """Value and limit of one process, None when it was not measured."""
    name, limit_name = _RATIOS[identity]
    limit = gauges.get(limit_name) if limit_name else _FULL[identity]
    return (gauges[name], limit) if name in gauges and limit else None


def _ratios(
    identity: str, history: Sequence[GaugeSample], *, start: float, width: float, bins: int
) -> list[float | None]:
    """The highest ratio of each bin; a step that is longer than a bin fills all that it covers."""
    found: list[float | None] = [None] * bins
    last: tuple[int, float] | None = None
    for sample in history:
        pair = _ratio(identity, sample.values)
        if pair is None:
            last = None
            continue
        index, ratio = int((sample.at - start) // width), pair[0] / pair[1]
        begins = last[0] + 1 if last else index
        for between in range(max(0, begins), min(index, bins)):
            found[between] = last[1] if last and index - last[0] <= _LONGEST_GAP else None
        if 0 <= index < bins:
            found[index] = max(ratio, found[index] or 0.0)
        last = (index, ratio)
    return found


_LONGEST_GAP = 6
"""So many bins between two samples may be one step; more is a time in which nothing was measured."""


def _forecast(gauges: Sequence[Mapping[str, float]], name: str, at: datetime) -> Forecast | None:
    """The first that would be full, when that is within a month."""
    seconds = min((found[name] for found in gauges if name in found), default=None)
    if seconds is None or seconds > timedelta(days=30).total_seconds():
        return None
    hours = seconds / 3600
    text = f"full in {hours / 24:.0f} days" if hours >= 48 else f"full in {max(1, round(hours))} h"
    return Forecast(text=text, at=at + timedelta(seconds=seconds))
