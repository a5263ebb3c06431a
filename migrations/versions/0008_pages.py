"""pages: the kind of a source, and when the page of a listed article was read"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = '0008'
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in batches, up or down: on SQLite they would make whole tables anew.
    op.add_column('sources', sa.Column('kind', sa.String(length=8), nullable=False, server_default='feed'))
    op.add_column('articles', sa.Column('read_at', digest.database.UtcDateTime(timezone=True), nullable=True))
    op.add_column('articles', sa.Column('reads', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    op.drop_column('articles', 'reads')
    op.drop_column('articles', 'read_at')
    op.drop_column('sources', 'kind')
