"""How many tries were turned away, since when."""

import sqlalchemy as sa
from alembic import op

revision = "auth_0004"
down_revision = "auth_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("locks", sa.Column("refused", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("locks", sa.Column("refused_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("locks", "refused_since")
    op.drop_column("locks", "refused")
