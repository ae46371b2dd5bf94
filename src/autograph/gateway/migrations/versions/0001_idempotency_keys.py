"""Answers that were given under an Idempotency-Key."""

import sqlalchemy as sa
from alembic import op

revision = "gateway_0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "gateway_idempotency_keys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(36), nullable=False),
        sa.Column("lease_until", MOMENT),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.Text()),
        sa.Column("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_gateway_idempotency_keys"),
    )
    op.create_index("ix_gateway_idempotency_keys_expires_at", "gateway_idempotency_keys", ["expires_at"])


def downgrade() -> None:
    for table in ("gateway_idempotency_keys",):
        op.drop_table(table)
