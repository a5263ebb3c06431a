"""Editions by hand are drafted, frozen and scheduled; stories are pinned; readers choose how much they get."""

import sqlalchemy as sa
from alembic import op

from digest.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = UtcDateTime(timezone=True)
OLD = ["edition_id", "preferences_key", "window_start"]
NAME = "uq_digests_edition_id_preferences_key_window_start"


def upgrade() -> None:
    with op.batch_alter_table("stories") as table:
        table.add_column(sa.Column("released_at", MOMENT, nullable=True))
        table.add_column(sa.Column("pinned", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("article_tags") as table:
        table.add_column(sa.Column("since", MOMENT, nullable=True))
        table.create_index(table.f("ix_article_tags_since"), ["since"], unique=False)
    with op.batch_alter_table("sources") as table:
        table.add_column(sa.Column("weight", sa.Double(), server_default="1", nullable=False))
    with op.batch_alter_table("preferences") as table:
        table.add_column(sa.Column("size", sa.String(length=16), server_default="standard", nullable=False))
    with op.batch_alter_table("editions") as table:
        table.add_column(sa.Column("hours", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("frozen_at", MOMENT, nullable=True))
        table.add_column(sa.Column("send_at", MOMENT, nullable=True))
    with op.batch_alter_table("digests") as table:
        table.add_column(sa.Column("without", sa.String(length=32), server_default="", nullable=False))
        table.drop_constraint(table.f(NAME), type_="unique")
        table.create_unique_constraint(table.f(f"{NAME}_without"), [*OLD, "without"])


def downgrade() -> None:
    # Two digests of one window differ only by what was left out; without the column only the first can stay.
    op.execute("delete from digests where without <> ''")
    with op.batch_alter_table("digests") as table:
        table.drop_constraint(table.f(f"{NAME}_without"), type_="unique")
        table.create_unique_constraint(table.f(NAME), OLD)
        table.drop_column("without")
    with op.batch_alter_table("editions") as table:
        for name in ("send_at", "frozen_at", "hours"):
            table.drop_column(name)
    with op.batch_alter_table("preferences") as table:
        table.drop_column("size")
    with op.batch_alter_table("sources") as table:
        table.drop_column("weight")
    with op.batch_alter_table("article_tags") as table:
        table.drop_index(table.f("ix_article_tags_since"))
        table.drop_column("since")
    with op.batch_alter_table("stories") as table:
        table.drop_column("pinned")
        table.drop_column("released_at")
