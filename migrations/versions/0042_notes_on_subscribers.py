"""notes on subscribers"""

import sqlalchemy as sa
from alembic import op

from digest.database import UtcDateTime

revision = "0042"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriber_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_subscriber_notes_subscriber_id_subscribers",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscriber_notes"),
    )
    op.create_index("ix_subscriber_notes_subscriber_id", "subscriber_notes", ["subscriber_id"])
    op.create_index(
        "ix_subscriber_notes_deleted",
        "subscriber_notes",
        ["deleted_at"],
        postgresql_where=sa.text("deleted_at is not null"),
        sqlite_where=sa.text("deleted_at is not null"),
    )


def downgrade() -> None:
    op.drop_table("subscriber_notes")
