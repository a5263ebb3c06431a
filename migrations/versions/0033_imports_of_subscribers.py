"""Imports of subscribers: uploaded files, remarks about rows, and what can be undone"""

import sqlalchemy as sa
from alembic import op

from digest.database import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriber_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("program", sa.String(16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("undo_counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber_imports")),
    )
    op.create_index(op.f("ix_subscriber_imports_state"), "subscriber_imports", ["state"])
    op.create_table(
        "import_files",
        sa.Column("id", sa.Integer(), nullable=False),
        _import_id("import_files"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_files")),
    )
    op.create_table(
        "import_remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        _import_id("import_remarks"),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("file", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_remarks")),
    )
    op.create_table(
        "import_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        _import_id("import_changes"),
        sa.Column(
            "subscriber_id",
            sa.Integer(),
            sa.ForeignKey(
                "subscribers.id", name="fk_import_changes_subscriber_id_subscribers", ondelete="CASCADE"
            ),
            nullable=True,
        ),
        sa.Column("address_hash", sa.String(64), nullable=True),
        sa.Column("state", sa.String(16), nullable=True),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("kept_for", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_changes")),
    )
    op.create_index(op.f("ix_import_changes_subscriber_id"), "import_changes", ["subscriber_id"])
    for table in ("import_files", "import_remarks", "import_changes"):
        op.create_index(op.f(f"ix_{table}_import_id"), table, ["import_id"])


def _import_id(table: str) -> "sa.Column[int]":
    name = f"fk_{table}_import_id_subscriber_imports"
    key = sa.ForeignKey("subscriber_imports.id", name=name, ondelete="CASCADE")
    return sa.Column("import_id", sa.Integer(), key, nullable=False)


def downgrade() -> None:
    for table in ("import_changes", "import_remarks", "import_files", "subscriber_imports"):
        op.drop_table(table)
