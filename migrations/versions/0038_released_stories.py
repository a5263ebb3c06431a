"""an index of the stories that an editor showed again, which are few

On PostgreSQL, stories can't be written while it is made: a second for 300,000.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_stories_released",
        "stories",
        ["released_at"],
        postgresql_where=sa.text("released_at is not null"),
        sqlite_where=sa.text("released_at is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_stories_released", "stories")
