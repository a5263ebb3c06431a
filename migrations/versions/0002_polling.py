"""polling: hosts, the wishes and rates of sources, held articles, what is kept

Stories that are in a digest already are marked as kept, so that no web edition loses them to pruning.
"""

import json
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

import digest.database

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

MOMENT = digest.database.UtcDateTime(timezone=True)


def _sources() -> list[sa.Column]:
    return [
        sa.Column('host', sa.Text(), nullable=False, server_default=''),
        sa.Column('attribution', sa.Text(), nullable=False, server_default=''),
        sa.Column('excerpt_length', sa.Integer(), nullable=False, server_default='280'),
        sa.Column('body_hash', sa.String(length=64), nullable=False, server_default=''),
        sa.Column('ttl', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('skip_hours', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('skip_days', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('moved_to', sa.Text(), nullable=False, server_default=''),
        sa.Column('moved_seen', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('moved_at', MOMENT, nullable=True),
        sa.Column('rate', sa.Double(), nullable=False, server_default=sa.text('0')),
        sa.Column('watched_since', MOMENT, nullable=True),
        sa.Column('last_changed_at', MOMENT, nullable=True),
        sa.Column('last_new_at', MOMENT, nullable=True),
    ]


def _articles() -> list[sa.Column]:
    return [
        sa.Column('image_url', sa.Text(), nullable=False, server_default=''),
        sa.Column('image_width', sa.Integer(), nullable=True),
        sa.Column('image_height', sa.Integer(), nullable=True),
        sa.Column('held', sa.String(length=8), nullable=False, server_default=''),
        sa.Column('listed_at', MOMENT, nullable=False, server_default='1970-01-01 00:00:00'),
    ]


def upgrade() -> None:
    # Not in batches, up or down: on SQLite they would make whole tables anew.
    op.create_table('hosts',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('busy_until', MOMENT, nullable=False),
    sa.Column('not_before', MOMENT, nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_hosts'))
    )
    op.add_column('stories', sa.Column('kept', sa.Boolean(), nullable=False, server_default=sa.false()))
    for table, columns in (('sources', _sources()), ('articles', _articles())):
        for column in columns:
            op.add_column(table, column)
    op.execute('update articles set listed_at = seen_at')
    op.create_index('ix_articles_of_source', 'articles', ['source_id', 'seen_at'], unique=False)
    op.create_index('ix_articles_dates', 'articles', ['source_id', 'published_at'], unique=False)
    op.create_index('ix_articles_held', 'articles', ['held', 'source_id'], unique=False)
    op.create_index(op.f('ix_sources_host'), 'sources', ['host'], unique=False)
    _name_hosts()
    _keep_what_was_sent()


def _name_hosts() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.text('select id, url from sources')).all():
        host = (urlsplit(row.url).hostname or '').lower()
        connection.execute(sa.text('update sources set host = :host where id = :id'), {'host': host, 'id': row.id})


def _keep_what_was_sent() -> None:
    connection = op.get_bind()
    ids: set[int] = set()
    for (sections,) in connection.execute(sa.text('select sections from digests')):
        sections = json.loads(sections) if isinstance(sections, str) else sections
        ids |= {story for _, stories in sections for story, _ in stories}
    for story in sorted(ids):
        connection.execute(sa.text('update stories set kept = :kept where id = :id'), {'kept': True, 'id': story})


def downgrade() -> None:
    op.drop_index(op.f('ix_sources_host'), table_name='sources')
    for name in ('ix_articles_of_source', 'ix_articles_dates', 'ix_articles_held'):
        op.drop_index(name, table_name='articles')
    for table, columns in (('articles', _articles()), ('sources', _sources())):
        for column in columns:
            op.drop_column(table, column.name)
    op.drop_column('stories', 'kept')
    op.drop_table('hosts')
