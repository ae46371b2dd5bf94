"""A slow call, a failing one and a slow statement, to see the layers at work."""

import asyncio
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from autograph.clients.audit import Witnessed
from autograph.core.correlation import correlation_id
from autograph.watch.diagnostics import part
from autograph.watch.diagnostics.part import DENIED, LIMITED, RUN, Diagnostician, Eyes

router = part.router()


class Done(BaseModel):
    """A call that did what it was asked, slowly."""

    message: str
    correlation_id: str
    seconds: float


@router.get("/slow", operation_id="test_slow", responses=LIMITED)
async def try_slow(_: Diagnostician, delay: Annotated[float, Query(ge=0, le=60)] = 2) -> Done:
    """A call that takes so many seconds: see the slow-request log, the deadline and the histogram."""
    await asyncio.sleep(delay)
    return Done(message="That was slow.", correlation_id=correlation_id.get(), seconds=delay)


@router.get("/error", operation_id="test_error", responses=DENIED)
async def try_error(who: Diagnostician, witness: Witnessed) -> Done:
    """A call that fails: see the error with its stack trace on the operations page."""
    await witness.tell(RUN, ("diagnosis", "error"))
    raise RuntimeError(f"asked for by {who}, to see errors at work")


@router.get("/slow-query", operation_id="test_slow_query", responses=LIMITED)
async def try_slow_query(
    _: Diagnostician, watch: Eyes, delay_ms: Annotated[int, Query(ge=1, le=5000)] = 200
) -> Done:
    """A statement that takes so long: see it among the slow queries, with its plan."""
    seconds = await watch.slow_statement(delay_ms / 1000)
    return Done(message="That query was slow.", correlation_id=correlation_id.get(), seconds=seconds)
