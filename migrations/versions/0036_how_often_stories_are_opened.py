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
        sa.Column("week", sa.String(10), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("machines", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "key", "week", name="pk_open_counts"),
    )
    op.create_index(
        "ix_open_counts_week", "open_counts", ["subject", "week", "key", "visitors", "opens", "machines"]
    )


def downgrade() -> None:
    op.drop_index("ix_open_counts_week", "open_counts")
    op.drop_table("open_counts")
