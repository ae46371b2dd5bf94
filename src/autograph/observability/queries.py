"""Queries: every statement is timed and counted by shape; slow ones get their plan and, where it shows, a hint."""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from autograph.core.clock import Clock
from autograph.core.problem import Problem
from autograph.model.telemetry import QueryCounts
from autograph.observability.requests import Request, current_request
from autograph.observability.tally import DurationTally

MOST_SHAPES = 500
REMEMBERED_TEXTS = 2000
REPEATED_FROM = 10
"""So many runs of one shape within one request look like a loop around a query (N+1)."""

_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
"""They frame statements: many of them are many transactions, which no single statement could replace."""

PLAN_EVERY_SECONDS = 600.0
PLAN_TIMEOUT_SECONDS = 5.0
LONGEST_STATEMENT = 2000

_log = structlog.get_logger(__name__)

_OTHERS = ("other", "(other statements)")
"""Key and text under which everything is counted that comes when there are `MOST_SHAPES` already."""

Explain = Callable[[str], Awaitable[str]]
"""Returns the plan of a statement, as the database prints it, from another connection."""


class _Shape:
    __slots__ = (
        "durations", "hint", "plan", "plan_at", "planned", "repeated", "service", "slow", "slowest", "statement",
    )  # fmt: skip

    def __init__(self, statement: str, service: str) -> None:
        self.statement = statement
        self.service = service
        self.durations = DurationTally()
        self.slowest = 0.0
        self.slow = self.repeated = 0
        self.plan = self.hint = ""
        self.plan_at: datetime | None = None
        self.planned = float("-inf")


class Queries:
    """Every statement of this process. An observer of `storage.sql`.

    Args:
        clock: Time.
        slow_seconds: Longer ones are slow.
    """

    def __init__(self, clock: Clock, *, slow_seconds: float = 0.1) -> None:
        self._clock = clock
        self._slow_seconds = slow_seconds
        self._explain: Explain | None = None
        self._folded: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._shapes: dict[tuple[str, str], _Shape] = {}
        self._waiting: asyncio.Queue[tuple[_Shape, str]] = asyncio.Queue(20)

    def explain_with(self, explain: Explain) -> None:
        """Take plans by this; without it slow statements have none."""
        self._explain = explain

    def add(self, statement: str, service: str, seconds: float) -> None:
        """Count one statement that has run for `service`."""
        key, folded = self._fold(statement)
        shape = self._shapes.get((service, key))
        if shape is None:
            if len(self._shapes) >= MOST_SHAPES:
                key, folded = _OTHERS
            shape = self._shapes.setdefault((service, key), _Shape(folded, service))
        shape.durations.add(seconds)
        if (request := current_request.get()) is not None:
            request.queries[folded] = request.queries.get(folded, 0) + 1
            request.query_seconds += seconds
        shape.slowest = max(shape.slowest, seconds)
        if seconds > self._slow_seconds:
            shape.slow += 1
            self._note_slow(shape, statement, seconds)

    def request_ended(self, request: Request) -> None:
        """Look whether one statement ran again and again for this request."""
        for folded, times in request.queries.items():
            if times >= REPEATED_FROM and not folded.startswith(_TRANSACTIONS):
                shape = self._shapes.get((request.service, shape_key(folded)))
                if shape is not None:
                    shape.repeated += 1

    async def take_plans(self) -> None:
        """Ask for the plans of slow statements, one after the other, until cancelled."""
        while True:
            shape, statement = await self._waiting.get()
            if self._explain is None:
                continue
            try:
                async with asyncio.timeout(PLAN_TIMEOUT_SECONDS):
                    shape.plan = await self._explain(statement)
            except (TimeoutError, Problem) as reason:
                _log.info("query.no_plan", shape=shape_key(shape.statement), reason=str(reason))
                continue
            shape.plan_at = self._clock.now()
            shape.hint = index_hint(shape.statement, shape.plan)

    def counts(self) -> tuple[QueryCounts, ...]:
        """Return every shape since the process began."""
        return tuple(
            QueryCounts(
                shape=key,
                statement=found.statement,
                service=service,
                durations=found.durations.frozen(),
                slowest_seconds=found.slowest,
                slow=found.slow,
                repeated=found.repeated,
                plan=found.plan,
                plan_at=found.plan_at,
                hint=found.hint,
            )
            for (service, key), found in sorted(self._shapes.items())
        )

    def _note_slow(self, shape: _Shape, statement: str, seconds: float) -> None:
        """Log it and ask for its plan; of statements that share a shape only by their number there is none."""
        _log.warning("query.slow", statement=shape.statement, seconds=round(seconds, 3))
        now = self._clock.monotonic()
        if shape.statement == _OTHERS[1]:
            return
        if now - shape.planned >= PLAN_EVERY_SECONDS and not self._waiting.full():
            shape.planned = now
            self._waiting.put_nowait((shape, statement))

    def _fold(self, statement: str) -> tuple[str, str]:
        """Key and folded text; the compiler hands out the same text object again, so this is one lookup."""
        known = self._folded.get(statement)
        if known is None:
            folded = fold(statement)
            known = self._folded[statement] = (shape_key(folded), folded)
            if len(self._folded) > REMEMBERED_TEXTS:
                self._folded.popitem(last=False)
        return known


_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_LITERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w$.])\d+(?:\.\d+)?\b")
_PLACEHOLDER = re.compile(
    r"\$\d+(?:::\w+(?: PRECISION| VARYING| WITH(?:OUT)? TIME ZONE)?(?:\(\d+\))?(?:\[\])?)?|(?<!:):\w+"
)
_LIST = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)(?:\s*,\s*\(\s*\?(?:\s*,\s*\?)*\s*\))*")


def fold(statement: str) -> str:
    """Return the statement's shape: literals and parameters are ``?``, lists of them ``(?, …)``, on one line."""
    bare = _PLACEHOLDER.sub("?", _LITERAL.sub("?", _COMMENT.sub(" ", statement)))
    return _LIST.sub("(?, …)", " ".join(bare.split()))[:LONGEST_STATEMENT]


def shape_key(folded: str) -> str:
    """A short hash of a folded statement."""
    return hashlib.sha256(folded.encode()).hexdigest()[:12]


_SCANS = (
    re.compile(r"\bSCAN (?P<table>\w+)\b(?! USING)"),  # SQLite
    re.compile(r"Seq Scan on (?P<table>\w+)"),  # PostgreSQL
)


def index_hint(statement: str, plan: str) -> str:
    """Return a sentence that names an index which would spare a whole scan of a table, or nothing.

    A scan is worth a word only when the statement narrows or orders that very table by columns of its own.
    """
    for scan in _SCANS:
        for found in scan.finditer(plan):
            table = found["table"]
            columns = _narrowed_by(statement, table)
            if columns:
                named = ", ".join(columns[:3])
                return f"An index on {table} ({named}) would spare reading the whole table."
    return ""


def _narrowed_by(statement: str, table: str) -> list[str]:
    """Columns of `table` that the statement compares, then those by which it orders, each once."""
    _, _, conditions = statement.partition(" WHERE ")
    conditions, _, ordering = conditions.partition(" ORDER BY ")
    if not ordering:
        ordering = statement.partition(" ORDER BY ")[2]
    compared = re.findall(rf"\b{table}\.(\w+) (?:=|<|>|<=|>=|IN|LIKE|BETWEEN)", conditions)
    ordered = re.findall(rf"\b{table}\.(\w+)", ordering.partition(" LIMIT ")[0])
    return list(dict.fromkeys([*compared, *ordered]))
