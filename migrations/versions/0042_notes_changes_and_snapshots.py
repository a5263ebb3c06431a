"""notes on subscribers, changes of many that can be undone, and what editors saw of editions"""

import sqlalchemy as sa
from alembic import op

from digest.database import UtcDateTime

revision = "0042"
down_revision = "0041"
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
    op.add_column("subscribers", sa.Column("bulk_change_id", sa.Integer(), nullable=True))
    op.create_table(
        "bulk_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_changes"),
    )
    op.create_index("ix_bulk_changes_at", "bulk_changes", ["at"])
    op.create_table(
        "bulk_change_rows",
        _key_to("bulk_changes", "change_id"),
        _key_to("subscribers", "subscriber_id"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.Column("first_digest_since", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("change_id", "subscriber_id", name="pk_bulk_change_rows"),
    )
    op.create_index("ix_bulk_change_rows_subscriber_id", "bulk_change_rows", ["subscriber_id"])
    op.create_table(
        "edition_snapshots",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("stories", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name="fk_edition_snapshots_edition_id_editions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edition_id", name="pk_edition_snapshots"),
    )


def _key_to(table: str, column: str) -> "sa.Column[int]":
    name = f"fk_bulk_change_rows_{column}_{table}"
    key = sa.ForeignKey(f"{table}.id", name=name, ondelete="CASCADE")
    return sa.Column(column, sa.Integer(), key, nullable=False)


def downgrade() -> None:
    op.drop_table("edition_snapshots")
    op.drop_table("bulk_change_rows")
    op.drop_table("bulk_changes")
    op.drop_column("subscribers", "bulk_change_id")
    op.drop_table("subscriber_notes")
