"""All SQL of the alerts: what is open, silences, notices, and the lease of the one evaluator."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.watch.alerts.engine import Alert
from autograph.watch.tables import alerts, leases, notices, silences

LEASE = "alerts"


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts with all these labels are not told of until a moment."""

    id: str
    matchers: Mapping[str, str]
    until: datetime
    comment: str
    created_by: str
    created_at: datetime

    def covers(self, alert: Alert) -> bool:
        """Whether it is about this alert."""
        labels = alert.all_labels
        return all(labels.get(name) == value for name, value in self.matchers.items())


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told through one channel, and whether that was done.

    Attributes:
        content: What is to be said, as `notify.Content` writes it.
        state: waiting, sent or failed.
        error: Why the last try failed, without secrets.
    """

    id: str
    group_key: str
    channel: str
    content: Mapping[str, Any]
    state: str
    tries: int
    created_at: datetime
    next_try_at: datetime
    sent_at: datetime | None
    error: str


async def take_lease(connection: AsyncConnection, holder: str, *, now: datetime, until: datetime) -> bool:
    """Become or stay the one evaluator; False while another one is."""
    free = or_(leases.c.holder == holder, leases.c.until <= now, leases.c.released)
    taken = await connection.execute(
        update(leases).where(leases.c.name == LEASE, free).values(holder=holder, until=until, released=False)
    )
    if taken.rowcount:
        return True
    upsert = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    first = await connection.execute(
        upsert(leases)
        .values(name=LEASE, holder=holder, until=until, released=False)
        .on_conflict_do_nothing(index_elements=[leases.c.name])
    )
    return bool(first.rowcount)


async def keep_lease(connection: AsyncConnection, holder: str, *, now: datetime, until: datetime) -> bool:
    """Go on as the evaluator in the transaction that writes; False when the lease has run out or is another's."""
    mine = and_(leases.c.name == LEASE, leases.c.holder == holder, leases.c.until > now, ~leases.c.released)
    kept = await connection.execute(update(leases).where(mine).values(until=until))
    return bool(kept.rowcount)


async def release_lease(connection: AsyncConnection, holder: str) -> None:
    """Let the next evaluator begin at once."""
    await connection.execute(
        update(leases).where(leases.c.name == LEASE, leases.c.holder == holder).values(released=True)
    )


async def read_current(connection: AsyncConnection) -> list[Alert]:
    """Return what is open, and what has ended without those who were told of it knowing."""
    is_current = or_(alerts.c.state != "resolved", alerts.c.notified_state == "firing")
    query = select(alerts).where(is_current).order_by(alerts.c.pending_since, alerts.c.id)
    return [_alert(row) for row in await connection.execute(query)]


async def list_alerts(connection: AsyncConnection, *, states: Iterable[str], most: int) -> list[Alert]:
    """Return the newest alerts in one of the states."""
    query = (
        select(alerts)
        .where(alerts.c.state.in_([*states]))
        .order_by(alerts.c.pending_since.desc(), alerts.c.id.desc())
        .limit(most)
    )
    return [_alert(row) for row in await connection.execute(query)]


async def count_alerts(connection: AsyncConnection, *, but: Iterable[str]) -> dict[str, int]:
    """Return how many alerts are kept in each state, those of the rules `but` not counted."""
    query = select(alerts.c.state, func.count()).where(alerts.c.rule.not_in([*but])).group_by(alerts.c.state)
    return {row[0]: row[1] for row in await connection.execute(query)}


async def read_alert(connection: AsyncConnection, alert_id: str) -> Alert | None:
    """Return one alert."""
    row = (await connection.execute(select(alerts).where(alerts.c.id == alert_id))).one_or_none()
    return None if row is None else _alert(row)


async def keep_alert(connection: AsyncConnection, alert: Alert) -> None:
    """Write an alert as the evaluator sees it; who has acknowledged it is not the evaluator's to say."""
    values = {
        "identity": alert.identity,
        "rule": alert.rule,
        "service": alert.service,
        "labels": json.dumps(dict(alert.labels), sort_keys=True),
        "severity": alert.severity,
        "state": alert.state,
        "message": alert.message,
        "value": alert.value,
        "pending_since": alert.pending_since,
        "starts_at": alert.starts_at,
        "last_true_at": alert.last_true_at,
        "resolved_at": alert.resolved_at,
        "escalations": alert.escalations,
        "notified_at": alert.notified_at,
        "notified_state": alert.told,
    }
    upsert = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    statement = upsert(alerts).values(id=alert.id, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=[alerts.c.id], set_=values))


async def drop_alert(connection: AsyncConnection, alert_id: str) -> None:
    """Forget a pending alert that did not last."""
    await connection.execute(delete(alerts).where(alerts.c.id == alert_id, alerts.c.state == "pending"))


async def acknowledge(connection: AsyncConnection, alert_id: str, *, user_id: str, now: datetime) -> None:
    """Note who looks after an open alert; the first one stays."""
    await connection.execute(
        update(alerts)
        .where(alerts.c.id == alert_id, alerts.c.state != "resolved", alerts.c.acknowledged_at.is_(None))
        .values(acknowledged_by=user_id, acknowledged_at=now)
    )


async def add_silence(connection: AsyncConnection, silence: Silence) -> None:
    """Keep a new silence."""
    await connection.execute(
        insert(silences).values(
            id=silence.id,
            matchers=json.dumps(dict(silence.matchers), sort_keys=True),
            until=silence.until,
            comment=silence.comment,
            created_by=silence.created_by,
            created_at=silence.created_at,
        )
    )


async def list_silences(connection: AsyncConnection, now: datetime) -> list[Silence]:
    """Return the silences that have not ended, the one that ends first before the others."""
    query = select(silences).where(silences.c.until > now).order_by(silences.c.until, silences.c.id)
    return [
        Silence(row.id, json.loads(row.matchers), row.until, row.comment, row.created_by, row.created_at)
        for row in await connection.execute(query)
    ]


async def end_silence(connection: AsyncConnection, silence_id: str, now: datetime) -> bool:
    """End a silence now; False when none of that ID lasts."""
    ended = await connection.execute(
        update(silences).where(silences.c.id == silence_id, silences.c.until > now).values(until=now)
    )
    return bool(ended.rowcount)


async def add_notices(connection: AsyncConnection, found: Iterable[Notice]) -> None:
    """Keep notices that are to be sent."""
    rows = [
        {
            "id": notice.id,
            "group_key": notice.group_key,
            "channel": notice.channel,
            "content": json.dumps(notice.content),
            "state": notice.state,
            "tries": notice.tries,
            "created_at": notice.created_at,
            "next_try_at": notice.next_try_at,
            "sent_at": notice.sent_at,
            "error": notice.error,
        }
        for notice in found
    ]
    if rows:
        await connection.execute(insert(notices), rows)


async def due_notices(connection: AsyncConnection, now: datetime, *, most: int) -> list[Notice]:
    """Return notices that wait to be sent now, the oldest first."""
    query = (
        select(notices)
        .where(notices.c.state == "waiting", notices.c.next_try_at <= now)
        .order_by(notices.c.created_at, notices.c.id)
        .limit(most)
    )
    return [_notice(row) for row in await connection.execute(query)]


async def claim_notice(connection: AsyncConnection, notice: Notice, next_try_at: datetime) -> bool:
    """Begin a try; False when another process has begun one since the notice was read."""
    claimed = await connection.execute(
        update(notices)
        .where(notices.c.id == notice.id, notices.c.tries == notice.tries, notices.c.state == "waiting")
        .values(tries=notice.tries + 1, next_try_at=next_try_at)
    )
    return bool(claimed.rowcount)


async def end_try(
    connection: AsyncConnection, notice_id: str, *, state: str, sent_at: datetime | None, error: str
) -> None:
    """Keep how a try went."""
    await connection.execute(
        update(notices)
        .where(notices.c.id == notice_id)
        .values(state=state, sent_at=sent_at, error=error[:300])
    )


async def list_notices(connection: AsyncConnection, *, state: str | None, most: int) -> list[Notice]:
    """Return the newest notices."""
    query = select(notices).order_by(notices.c.created_at.desc(), notices.c.id.desc()).limit(most)
    if state is not None:
        query = query.where(notices.c.state == state)
    return [_notice(row) for row in await connection.execute(query)]


async def forget(connection: AsyncConnection, *, now: datetime, kept: timedelta, heartbeats: str) -> None:
    """Let go of what ended long ago; of signs of life only an hour is kept."""
    gone = and_(alerts.c.state == "resolved", alerts.c.resolved_at < now - kept)
    await connection.execute(delete(alerts).where(gone))
    await connection.execute(delete(silences).where(silences.c.until < now - kept))
    is_beat = and_(notices.c.group_key == heartbeats, notices.c.created_at < now - timedelta(hours=1))
    is_old = and_(notices.c.state != "waiting", notices.c.created_at < now - kept)
    await connection.execute(delete(notices).where(or_(is_old, is_beat)))


def _alert(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        identity=row.identity,
        rule=row.rule,
        labels=json.loads(row.labels),
        severity=row.severity,
        state=row.state,
        message=row.message,
        value=row.value,
        pending_since=row.pending_since,
        last_true_at=row.last_true_at,
        starts_at=row.starts_at,
        resolved_at=row.resolved_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        escalations=row.escalations,
        notified_at=row.notified_at,
        told=row.notified_state,
    )


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        row.id, row.group_key, row.channel, json.loads(row.content), row.state, row.tries,
        row.created_at, row.next_try_at, row.sent_at, row.error,
    )  # fmt: skip
