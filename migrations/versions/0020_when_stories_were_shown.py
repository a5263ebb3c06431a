"""stories: when an edition last had them, so that they can be deleted after their last digest"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stories", sa.Column("shown_at", digest.database.UtcDateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_stories_shown", "stories", ["shown_at"], postgresql_where=sa.text("kept"), sqlite_where=sa.text("kept = 1")
    )


def downgrade() -> None:
    op.drop_index("ix_stories_shown", "stories")
    op.drop_column("stories", "shown_at")
