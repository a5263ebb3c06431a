"""words that editors have said never mean a country, and the articles that have them"""

import sqlalchemy as sa
from alembic import op

from digest.database import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tag_exclusions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=80), nullable=False),
        sa.Column("words_key", sa.String(length=80), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("base_text", sa.Text(), nullable=False),
        sa.Column("base_kind", sa.String(length=16), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("untagged_below", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_tag_exclusions_source_id_sources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_exclusions")),
        sa.UniqueConstraint("source_id", "words_key", "country", name=op.f("uq_tag_exclusions_source_id_words_key_country")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_tag_exclusions_everywhere",
        "tag_exclusions",
        ["words_key", "country"],
        unique=True,
        postgresql_where=sa.text("source_id is null"),
        sqlite_where=sa.text("source_id is null"),
    )
    op.create_table(
        "exclusion_uses",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("exclusion_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_exclusion_uses_article_id_articles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["exclusion_id"],
            ["tag_exclusions.id"],
            name=op.f("fk_exclusion_uses_exclusion_id_tag_exclusions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "exclusion_id", name=op.f("pk_exclusion_uses")),
    )
    op.create_index(op.f("ix_exclusion_uses_exclusion_id"), "exclusion_uses", ["exclusion_id", "article_id"])


def downgrade() -> None:
    op.drop_table("exclusion_uses")
    op.drop_table("tag_exclusions")
