"""named groups of countries that editors make and change"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = '0004'
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('region_groups',
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('definition', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('changed_at', digest.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('slug', name=op.f('pk_region_groups'))
    )
    op.create_table('region_tree_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_region_tree_version'))
    )


def downgrade() -> None:
    op.drop_table('region_tree_version')
    op.drop_table('region_groups')
