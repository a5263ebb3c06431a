"""undo of several changes: of many subscribers, and of an account on the desk"""

import sqlalchemy as sa
from alembic import op

from digest.database import UtcDateTime

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bulk_changes", sa.Column("account", sa.Text(), server_default="", nullable=False))
    op.add_column("bulk_change_rows", sa.Column("previous_change_id", sa.Integer(), nullable=True))
    op.create_index("ix_bulk_change_rows_previous_change_id", "bulk_change_rows", ["previous_change_id"])
    op.create_table(
        "undo_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_undo_steps_account_id_accounts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_undo_steps"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_undo_steps_account_id", "undo_steps", ["account_id"])
    op.create_index("ix_undo_steps_at", "undo_steps", ["at"])


def downgrade() -> None:
    op.drop_table("undo_steps")
    op.drop_index("ix_bulk_change_rows_previous_change_id", "bulk_change_rows")
    op.drop_column("bulk_change_rows", "previous_change_id")
    op.drop_column("bulk_changes", "account")
