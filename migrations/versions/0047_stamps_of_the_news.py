"""the stamp of the news, and the articles that have to be tagged again"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_stamps",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("value", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_data_stamps"),
    )
    op.create_table(
        "articles_to_tag",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_articles_to_tag_article_id_articles", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name="pk_articles_to_tag"),
    )


def downgrade() -> None:
    op.drop_table("articles_to_tag")
    op.drop_table("data_stamps")
