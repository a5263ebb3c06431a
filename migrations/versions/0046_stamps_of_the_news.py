"""a value that changes with every write of stories, articles and their tags"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_stamps",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("value", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_data_stamps"),
    )


def downgrade() -> None:
    op.drop_table("data_stamps")
