"""indexes of large pages: readers of a choice with their state, and articles that an editor corrected

On PostgreSQL, subscribers and articles can't be written while they are made: a few seconds for 500,000 and 300,000.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

CORRECTED = ("retagged", "kind_chosen")


def upgrade() -> None:
    op.create_index("ix_subscribers_choice", "subscribers", ["preferences_key", "state"])
    op.drop_index("ix_subscribers_preferences_key", "subscribers")
    for column in CORRECTED:
        op.create_index(
            f"ix_articles_{column}",
            "articles",
            ["id"],
            postgresql_where=sa.text(column),
            sqlite_where=sa.text(f"{column} = 1"),
        )


def downgrade() -> None:
    for column in CORRECTED:
        op.drop_index(f"ix_articles_{column}", "articles")
    op.create_index("ix_subscribers_preferences_key", "subscribers", ["preferences_key"])
    op.drop_index("ix_subscribers_choice", "subscribers")
