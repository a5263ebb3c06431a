"""kinds of articles: the kind of each article, why it has it, and the categories that its source gives"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Constant defaults: neither database writes the rows anew. Not in batches: SQLite would make a new table.
    op.add_column("articles", sa.Column("kind", sa.String(length=12), nullable=False, server_default="news"))
    op.add_column("articles", sa.Column("kind_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("articles", sa.Column("kind_chosen", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("articles", sa.Column("categories", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("articles", "categories")
    op.drop_column("articles", "kind_chosen")
    op.drop_column("articles", "kind_reason")
    op.drop_column("articles", "kind")
