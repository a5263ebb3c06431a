"""stops, rates and tallies"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('tallies',
    sa.Column('edition_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_tallies_edition_id_editions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('edition_id', 'state', name=op.f('pk_tallies'))
    )
    # Not in batch mode: on SQLite that would make the table anew, and dropping the old one deletes what refers to it.
    op.add_column('editions', sa.Column('reason', sa.Text(), server_default='', nullable=False))
    op.add_column('editions', sa.Column('rate', sa.Integer(), server_default='0', nullable=False))
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.drop_index('ix_deliveries_due')
        batch_op.create_index('ix_deliveries_due', ['edition_id', 'state', 'not_before', 'digest_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.drop_index('ix_deliveries_due')
        batch_op.create_index('ix_deliveries_due', ['state', 'not_before', 'digest_id'], unique=False)
    op.drop_column('editions', 'rate')
    op.drop_column('editions', 'reason')
    op.drop_table('tallies')
