"""letters: the address of a letter that does not go to the subscriber's own"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letters", sa.Column("address", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("letters", "address")
