"""notes of the day, and the digests that have them"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = digest.database.UtcDateTime()
    op.create_table(
        "day_notes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("region", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
    )
    op.create_index("ix_day_notes_ends_at", "day_notes", ["ends_at"])
    op.add_column("digests", sa.Column("day_note_ids", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("digests", "day_note_ids")
    op.drop_index("ix_day_notes_ends_at", "day_notes")
    op.drop_table("day_notes")
