"""places in feeds: where an article stands in its source's own order"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without a default: neither database writes the rows anew. Not in batches: SQLite would make a new table.
    op.add_column("articles", sa.Column("position", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("articles", "position")
