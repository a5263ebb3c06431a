"""content choices: preferences keep kinds, languages read and whether to show why; digests keep their updates"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns that may be NULL: neither database touches a row.
    op.add_column("digests", sa.Column("updates", sa.JSON(), nullable=True))
    op.add_column("preferences", sa.Column("content", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("preferences", "content")
    op.drop_column("digests", "updates")
