"""threads: stories know the affair that they belong to, when they were sent, and what an editor settled"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OPEN_WINDOW = timedelta(days=4)  # older stories take no reports, so it does not matter whether they were sent


def upgrade() -> None:
    op.add_column("stories", sa.Column("thread_id", sa.Integer(), nullable=True))
    op.add_column("stories", sa.Column("sent_at", digest.database.UtcDateTime(), nullable=True))
    op.add_column("stories", sa.Column("settled", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Only stories in threads are in the index, so on the rows of today it is empty and made at once.
    in_thread = sa.text("thread_id is not null")
    op.create_index(
        "ix_stories_thread", "stories", ["thread_id"], postgresql_where=in_thread, sqlite_where=in_thread
    )
    stories = sa.table(
        "stories",
        sa.column("first_seen_at", digest.database.UtcDateTime()),
        sa.column("sent_at", digest.database.UtcDateTime()),
        sa.column("kept", sa.Boolean()),
    )
    newest = op.get_bind().scalar(sa.select(sa.func.max(stories.c.first_seen_at)))
    if newest is not None:
        recent = (stories.c.first_seen_at >= newest - OPEN_WINDOW, stories.c.kept.is_(True))
        op.execute(stories.update().where(*recent).values(sent_at=newest))


def downgrade() -> None:
    op.drop_index("ix_stories_thread", "stories")
    op.execute("alter table stories drop column settled")
    op.execute("alter table stories drop column sent_at")
    op.execute("alter table stories drop column thread_id")
