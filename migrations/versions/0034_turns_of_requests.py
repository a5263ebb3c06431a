"""the turn of a request for a letter among those of its network"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter_requests", sa.Column("network", sa.Text(), nullable=False, server_default=""))
    op.add_column("letter_requests", sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_letter_requests_turn", "letter_requests", ["turn", "id"])
    op.create_index("ix_letter_requests_network", "letter_requests", ["network"])


def downgrade() -> None:
    op.drop_index("ix_letter_requests_network", "letter_requests")
    op.drop_index("ix_letter_requests_turn", "letter_requests")
    op.drop_column("letter_requests", "turn")
    op.drop_column("letter_requests", "network")
