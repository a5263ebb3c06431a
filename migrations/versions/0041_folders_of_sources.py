"""folders of sources; sources of before are in none"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("folder", sa.Text(), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("folder_before", sa.Text(), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("folder_move", sa.String(16), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("sources") as table:
        for name in ("folder_move", "folder_before", "folder"):
            table.drop_column(name)
