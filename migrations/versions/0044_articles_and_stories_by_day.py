"""how many articles and stories each day brought, by region and by source"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_news_counts",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("counted_by", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "counted_by", "subject", name="pk_daily_news_counts"),
    )


def downgrade() -> None:
    op.drop_table("daily_news_counts")
