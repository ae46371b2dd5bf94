"""Samples, errors, alerts, silences, notices and settings of the watch."""

import sqlalchemy as sa
from alembic import op

revision = "watch_0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "watch_alerts",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("identity", sa.String(300), nullable=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("service", sa.String(60), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("message", sa.String(500), nullable=False),
        sa.Column("value", sa.Float()),
        sa.Column("pending_since", MOMENT, nullable=False),
        sa.Column("starts_at", MOMENT),
        sa.Column("last_true_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT),
        sa.Column("acknowledged_by", sa.String(36)),
        sa.Column("acknowledged_at", MOMENT),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("notified_at", MOMENT),
        sa.Column("notified_state", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_alerts"),
    )
    op.create_index("ix_watch_alerts_identity", "watch_alerts", ["identity"])
    op.create_index("ix_watch_alerts_state_starts_at", "watch_alerts", ["state", "starts_at"])
    op.create_table(
        "watch_error_groups",
        sa.Column("fingerprint", sa.String(40), nullable=False),
        sa.Column("service", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("message", sa.String(500), nullable=False),
        sa.Column("culprit", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_watch_error_groups"),
    )
    op.create_index("ix_watch_error_groups_last_at", "watch_error_groups", ["last_at"])
    op.create_table(
        "watch_leases",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("holder", sa.String(36), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_watch_leases"),
    )
    op.create_table(
        "watch_notices",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("group_key", sa.String(300), nullable=False),
        sa.Column("channel", sa.String(60), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("error", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_notices"),
    )
    op.create_index("ix_watch_notices_state_next_try_at", "watch_notices", ["state", "next_try_at"])
    op.create_table(
        "watch_samples",
        sa.Column("service", sa.String(60), nullable=False),
        sa.Column("span_seconds", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("total_seconds", sa.Float(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service", "span_seconds", "at", name="pk_watch_samples"),
    )
    op.create_table(
        "watch_settings",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_watch_settings"),
    )
    op.create_table(
        "watch_silences",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("matchers", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("comment", sa.String(300), nullable=False),
        sa.Column("created_by", sa.String(36), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_silences"),
    )
    op.create_table(
        "watch_error_events",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("fingerprint", sa.String(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_error_events"),
        sa.ForeignKeyConstraint(
            ["fingerprint"],
            ["watch_error_groups.fingerprint"],
            name="fk_watch_error_events_fingerprint_watch_error_groups",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_watch_error_events_fingerprint_at", "watch_error_events", ["fingerprint", "at"])


def downgrade() -> None:
    for table in (
        "watch_error_events",
        "watch_silences",
        "watch_settings",
        "watch_samples",
        "watch_notices",
        "watch_leases",
        "watch_error_groups",
        "watch_alerts",
    ):
        op.drop_table(table)
