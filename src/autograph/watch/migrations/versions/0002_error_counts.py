"""How often each group of errors came lately."""

import sqlalchemy as sa
from alembic import op

revision = "watch_0002"
down_revision = "watch_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watch_error_counts",
        sa.Column("fingerprint", sa.String(40), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "at", name="pk_watch_error_counts"),
        sa.ForeignKeyConstraint(
            ["fingerprint"],
            ["watch_error_groups.fingerprint"],
            name="fk_watch_error_counts_fingerprint_watch_error_groups",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_watch_error_counts_at", "watch_error_counts", ["at"])


def downgrade() -> None:
    op.drop_table("watch_error_counts")
