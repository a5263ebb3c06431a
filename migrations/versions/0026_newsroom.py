"""the newsroom: when an editor reviewed a story, and the time zone of an account"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stories", sa.Column("reviewed_at", digest.database.UtcDateTime(), nullable=True))
    op.add_column("accounts", sa.Column("zone", sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("accounts", "zone")
    op.drop_column("stories", "reviewed_at")
