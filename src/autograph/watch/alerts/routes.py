"""HTTP face of the alerts: read the request, ask the service, shape the reply. For administrators."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request

from autograph.clients.audit import Witnessed
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated
from autograph.watch.access import Observer, Operator
from autograph.watch.alerts.incoming import IncomingAlerts, TakenAlerts
from autograph.watch.alerts.service import Alerts, AlreadyResolved
from autograph.watch.alerts.shapes import (
    AlertList,
    AlertView,
    ChannelTests,
    KnownAlerts,
    NoticeList,
    RuleList,
    SilenceList,
    SilenceView,
    SilenceWish,
    Status,
)

router = APIRouter(tags=["alerts"])


def _alerts(request: Request) -> Alerts:
    alerts: Alerts = request.app.state.alerts
    return alerts


Desk = Annotated[Alerts, Depends(_alerts)]
Identity = Annotated[str, Path(max_length=36)]
_DENIED = answers(Unauthenticated, Forbidden)
_INVALID = answers(Unauthenticated, Forbidden, Invalid)


@router.get("/alerts", operation_id="get_alerts", responses=_INVALID)
async def get_alerts(
    alerts: Desk, _admin: Observer, status: Annotated[Status, Query()] = "active"
) -> KnownAlerts:
    """Return alerts in the shape that scripts know from the first version."""
    return await alerts.known(status)


@router.get("/api/ops/alerts", operation_id="list_alerts", responses=_INVALID)
async def list_alerts(
    alerts: Desk, _admin: Observer, status: Annotated[Status, Query()] = "active"
) -> AlertList:
    """Return alerts, the newest first; active are those that are pending or firing."""
    return await alerts.listed(status)


@router.get("/api/ops/alert-rules", operation_id="list_alert_rules", responses=_DENIED)
async def list_alert_rules(alerts: Desk, _admin: Observer) -> RuleList:
    """Return every rule and how it stands."""
    return alerts.rules()


@router.post(
    "/api/ops/alerts/{alert_id}/acknowledge",
    operation_id="acknowledge_alert",
    responses=answers(Unauthenticated, Forbidden, NotFound, AlreadyResolved, Invalid),
)
async def acknowledge_alert(
    alert_id: Identity, alerts: Desk, admin: Operator, witness: Witnessed
) -> AlertView:
    """Say that you look after it: nobody is reminded every quarter of an hour any more."""
    alert = await alerts.acknowledge(alert_id, admin.user_id)
    await witness.tell("alert.acknowledged", ("alert", alert_id), rule=alert.rule)
    return alert


@router.post("/api/ops/alerts/incoming", operation_id="take_alerts", responses=_INVALID)
async def take_alerts(told: IncomingAlerts, alerts: Desk, _admin: Operator) -> TakenAlerts:
    """Take the webhook of an Alertmanager (version 4); let it show an API key of scope `admin` as bearer token."""
    return alerts.hear(told)


@router.get("/api/ops/silences", operation_id="list_silences", responses=_DENIED)
async def list_silences(alerts: Desk, _admin: Observer) -> SilenceList:
    """Return the silences that last."""
    return SilenceList(items=await alerts.silences())


@router.post("/api/ops/silences", operation_id="add_silence", status_code=201, responses=_INVALID)
async def add_silence(wish: SilenceWish, alerts: Desk, admin: Operator, witness: Witnessed) -> SilenceView:
    """Keep alerts quiet until a moment; they are judged all the same."""
    silence = await alerts.silence(wish, admin.user_id)
    await witness.tell(
        "silence.added",
        ("silence", silence.id),
        matchers=silence.matchers,
        until=silence.until.isoformat(),
    )
    return silence


@router.delete(
    "/api/ops/silences/{silence_id}",
    operation_id="end_silence",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def end_silence(silence_id: Identity, alerts: Desk, _admin: Operator, witness: Witnessed) -> None:
    """End a silence now."""
    await alerts.end_silence(silence_id)
    await witness.tell("silence.ended", ("silence", silence_id))


@router.get("/api/ops/notices", operation_id="list_notices", responses=_INVALID)
async def list_notices(
    alerts: Desk,
    _admin: Observer,
    state: Annotated[Literal["waiting", "sent", "failed"] | None, Query()] = None,
) -> NoticeList:
    """Return what was told through which channel, and how that went."""
    return await alerts.notices(state)


@router.post("/api/ops/notices/test", operation_id="try_channels", responses=_DENIED)
async def try_channels(alerts: Desk, _admin: Operator, witness: Witnessed) -> ChannelTests:
    """Send a notice through every channel now, and say how that went."""
    tests = await alerts.try_channels()
    await witness.tell(
        "channels.tested", ("", ""), failed=[test.channel for test in tests.items if test.error]
    )
    return tests
