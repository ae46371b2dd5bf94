"""Tests of what is kept of statements: shapes, slow ones, plans, hints, loops around queries."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.clock import HandClock

from autograph.core.problem import Invalid
from autograph.observability.queries import (
    MOST_SHAPES,
    PLAN_EVERY_SECONDS,
    Queries,
    fold,
    index_hint,
    shape_key,
)
from autograph.observability.requests import Request, current_request

SELECT = "SELECT documents.id FROM documents WHERE documents.owner_id = ? ORDER BY documents.updated_at DESC"


@pytest.fixture
def clock():
    """Time that stands still."""
    return HandClock()


@pytest.fixture
def queries(clock):
    """Where statements are counted."""
    return Queries(clock, slow_seconds=0.1)


@pytest.mark.parametrize(
    ("statement", "folded"),
    [
        ("SELECT a FROM t WHERE b = 17 AND c = 'it''s'", "SELECT a FROM t WHERE b = ? AND c = ?"),
        (
            "SELECT a FROM t WHERE b = $1::VARCHAR AND c IN ($2, $3, $4)",
            "SELECT a FROM t WHERE b = ? AND c IN (?, …)",
        ),
        ("INSERT INTO t (a, b) VALUES (?, ?), (?, ?), (?, ?)", "INSERT INTO t (a, b) VALUES (?, …)"),
        ("SELECT a -- why\n  FROM /* here */ t1", "SELECT a FROM t1"),
    ],
)
def test_shapes_have_no_values(statement, folded):
    """Literals, parameters, lists and comments do not make new shapes."""
    assert fold(statement) == folded


@given(st.integers(0, 10**9), st.lists(st.integers(0, 99), min_size=2, max_size=30))
def test_values_never_make_shapes(number, listed):
    """Whatever the numbers and however long the list, it is the same shape."""
    names = ", ".join(map(str, listed))
    assert (
        fold(f"SELECT a FROM t WHERE b = {number} AND c IN ({names})")
        == "SELECT a FROM t WHERE b = ? AND c IN (?, …)"
    )


@pytest.mark.feature("observability.queries")
def test_statements_are_counted_by_shape_and_service(queries):
    """Runs of one shape add up; another service's are apart."""
    for seconds in (0.01, 0.02, 0.3):
        queries.add(SELECT, "diagrams", seconds)
    queries.add(SELECT, "auth", 0.01)
    mine = next(found for found in queries.counts() if found.service == "diagrams")
    assert (mine.durations.count, mine.slow, mine.slowest_seconds) == (3, 1, 0.3)
    assert mine.shape == shape_key(SELECT)


def test_shapes_are_bounded(queries):
    """However many shapes there are, memory is not; what comes late is counted all the same, in one row."""
    for n in range(MOST_SHAPES * 2):
        queries.add(f"SELECT a{n} FROM t", "x", 0.2)
    found = queries.counts()
    assert len(found) == MOST_SHAPES + 1
    (others,) = [row for row in found if row.statement == "(other statements)"]
    assert (others.durations.count, others.slow) == (MOST_SHAPES, MOST_SHAPES)
    assert sum(row.durations.count for row in found) == MOST_SHAPES * 2


@pytest.mark.feature("observability.queries")
async def test_a_slow_statement_gets_its_plan_and_a_hint(queries, clock):
    """The plan is asked for once in ten minutes, in the background; a scan is told from a search."""
    asked = []

    async def explain(statement):
        asked.append(statement)
        return "SCAN documents\nUSE TEMP B-TREE FOR ORDER BY"

    queries.explain_with(explain)
    planning = asyncio.create_task(queries.take_plans())
    for _ in range(5):
        queries.add(SELECT, "diagrams", 0.5)
    await asyncio.sleep(0.01)
    (found,) = queries.counts()
    assert asked == [SELECT]
    assert found.plan.startswith("SCAN documents")
    assert found.plan_at == clock.now()
    assert found.hint == "An index on documents (owner_id, updated_at) would spare reading the whole table."
    clock.wind(seconds=PLAN_EVERY_SECONDS)
    queries.add(SELECT, "diagrams", 0.5)
    await asyncio.sleep(0.01)
    assert len(asked) == 2
    planning.cancel()


async def test_no_plan_is_no_failure(queries):
    """A statement that cannot be explained leaves the watch running."""

    async def explain(_statement):
        raise Invalid("only queries have a plan")

    queries.explain_with(explain)
    planning = asyncio.create_task(queries.take_plans())
    queries.add("COMMIT", "x", 2.0)
    await asyncio.sleep(0.01)
    assert not planning.done()
    assert queries.counts()[0].plan == ""
    planning.cancel()


@pytest.mark.parametrize(
    ("statement", "plan", "hinted"),
    [
        (SELECT, "SEARCH documents USING INDEX ix (owner_id=?)", False),
        (SELECT, "Seq Scan on documents  (cost=0.00..1.00 rows=1)", True),
        ("SELECT count(*) FROM documents", "SCAN documents", False),
        ("SELECT a.b FROM a WHERE a.b = ?", "SCAN documents", False),
    ],
)
def test_hints_only_where_an_index_would_help(statement, plan, hinted):
    """A search needs none, a count of everything cannot use one, another table's conditions do not count."""
    assert bool(index_hint(statement, plan)) is hinted


@pytest.mark.feature("observability.queries")
def test_a_loop_around_a_query_is_found(queries):
    """One statement that runs twelve times for one request is counted as an N+1; three times is not."""
    for times in (12, 3):
        request = Request("diagrams", {"method": "GET"})
        token = current_request.set(request)
        for _ in range(times):
            queries.add(SELECT, "diagrams", 0.001)
        current_request.reset(token)
        queries.request_ended(request)
    assert queries.counts()[0].repeated == 1


@pytest.mark.feature("observability.queries")
@pytest.mark.parametrize("framing", ["BEGIN", "BEGIN IMMEDIATE", "COMMIT"])
def test_many_transactions_are_no_loop_around_a_query(queries, framing):
    """No one statement could stand for what only begins and ends the others; it is timed all the same."""
    request = Request("diagrams", {"method": "GET"})
    token = current_request.set(request)
    for _ in range(12):
        queries.add(framing, "diagrams", 0.001)
    current_request.reset(token)
    queries.request_ended(request)
    counted = queries.counts()[0]
    assert counted.repeated == 0
    assert sum(counted.durations.counts) == 12
