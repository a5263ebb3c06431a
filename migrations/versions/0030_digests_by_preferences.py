"""the digests of some preferences in order, for the links to the previous and next digest"""

from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_digests_preferences", "digests", ["preferences_key", "window_start"])


def downgrade() -> None:
    op.drop_index("ix_digests_preferences", "digests")
