"""Tables of the watch. The migrations make exactly these; a contract test holds them to it."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from autograph.storage.columns import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

samples = Table(
    "watch_samples",
    metadata,
    Column("service", String(60), nullable=False),  # a service, or "@gauges" for the worst of each gauge
    Column("span_seconds", Integer, nullable=False),
    Column("at", Integer, nullable=False),  # unix seconds of the beginning
    Column("errors", Integer, nullable=False),
    Column("total_seconds", Float, nullable=False),
    Column("content", Text, nullable=False),  # JSON: buckets of durations, or gauges by name
    PrimaryKeyConstraint("service", "span_seconds", "at"),
)

error_groups = Table(
    "watch_error_groups",
    metadata,
    Column("fingerprint", String(40), primary_key=True),
    Column("service", String(60), nullable=False),
    Column("kind", String(200), nullable=False),
    Column("message", String(500), nullable=False),
    Column("culprit", String(200), nullable=False),
    Column("state", String(16), nullable=False),  # new, ongoing, resolved, regressed, ignored
    Column("count", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Index("ix_watch_error_groups_last_at", "last_at"),
)

error_counts = Table(
    "watch_error_counts",
    metadata,
    Column("fingerprint", ForeignKey("watch_error_groups.fingerprint", ondelete="CASCADE"), nullable=False),
    Column("at", Integer, nullable=False),  # unix time at which the step begins
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("fingerprint", "at"),
    Index("ix_watch_error_counts_at", "at"),
)
"""Of the last hour."""

error_events = Table(
    "watch_error_events",
    metadata,
    Column("id", String(36), primary_key=True),
    Column(
        "fingerprint",
        String(40),
        ForeignKey("watch_error_groups.fingerprint", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("at", UtcDateTime, nullable=False),
    Column("content", Text, nullable=False),  # model.telemetry.ErrorEvent as JSON
    Index("ix_watch_error_events_fingerprint_at", "fingerprint", "at"),
)

alerts = Table(
    "watch_alerts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("identity", String(300), nullable=False),  # rule and sorted labels
    Column("rule", String(60), nullable=False),
    Column("service", String(60), nullable=False),
    Column("labels", Text, nullable=False),  # JSON
    Column("severity", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # pending, firing, resolved
    Column("message", String(500), nullable=False),
    Column("value", Float),
    Column("pending_since", UtcDateTime, nullable=False),
    Column("starts_at", UtcDateTime),
    Column("last_true_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("acknowledged_by", String(36)),
    Column("acknowledged_at", UtcDateTime),
    Column("escalations", Integer, nullable=False),
    Column("notified_at", UtcDateTime),
    Column("notified_state", String(16), nullable=False),
    Index("ix_watch_alerts_identity", "identity"),
    Index("ix_watch_alerts_state_starts_at", "state", "starts_at"),
)

silences = Table(
    "watch_silences",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("matchers", Text, nullable=False),  # JSON: label to value
    Column("until", UtcDateTime, nullable=False),
    Column("comment", String(300), nullable=False),
    Column("created_by", String(36), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

notices = Table(
    "watch_notices",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("group_key", String(300), nullable=False),
    Column("channel", String(60), nullable=False),
    Column("content", Text, nullable=False),  # JSON: what is to be said
    Column("state", String(16), nullable=False),  # waiting, sent, failed
    Column("tries", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_try_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("error", String(300), nullable=False),
    Index("ix_watch_notices_state_next_try_at", "state", "next_try_at"),
)

settings = Table(
    "watch_settings",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("content", Text, nullable=False),  # JSON
)

leases = Table(
    "watch_leases",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("holder", String(36), nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("released", Boolean, nullable=False),
)
