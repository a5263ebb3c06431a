"""groups of articles: the groups of countries that an article is about, beside its countries"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "article_groups",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("since", digest.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", "region"),
    )
    op.create_index("ix_article_groups_since", "article_groups", ["since"])


def downgrade() -> None:
    op.drop_index("ix_article_groups_since", "article_groups")
    op.drop_table("article_groups")
