"""how often stories are opened"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "open_counts",
        sa.Column("subject", sa.String(8), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("machines", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "key", "day", name="pk_open_counts"),
    )
    op.create_index("ix_open_counts_day", "open_counts", ["day", "subject"])


def downgrade() -> None:
    op.drop_index("ix_open_counts_day", "open_counts")
    op.drop_table("open_counts")
