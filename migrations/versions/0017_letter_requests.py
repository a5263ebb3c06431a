"""letter requests: what pages record at once; the mailbox of each letter, which bounds the letters of a day"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("subscription", sa.JSON(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("created_at", digest.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_requests")),
    )
    op.add_column("letters", sa.Column("mailbox_key", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_letters_mailbox", "letters", ["mailbox_key", "created_at"])
    op.create_index("ix_letters_created", "letters", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_letters_created", "letters")
    op.drop_index("ix_letters_mailbox", "letters")
    op.drop_column("letters", "mailbox_key")
    op.drop_table("letter_requests")
