"""subscribers: since when a first digest is due, which is sent at once after confirming"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("first_digest_since", digest.database.UtcDateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_subscribers_first_digest",
        "subscribers",
        ["first_digest_since"],
        postgresql_where=sa.text("first_digest_since is not null"),
        sqlite_where=sa.text("first_digest_since is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_subscribers_first_digest", table_name="subscribers")
    op.drop_column("subscribers", "first_digest_since")
