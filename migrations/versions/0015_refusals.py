"""refusals, until feedback has acted on them; events of providers that could not be read; used tokens of signatures"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = digest.database.UtcDateTime(timezone=True)
    op.create_table(
        "refusals",
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("settled_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_refusals_delivery_id_deliveries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_refusals_edition_id_editions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_refusals")),
    )
    op.create_index("ix_refusals_edition", "refusals", ["edition_id", "kind"])
    unsettled = sa.text("settled_at is null")
    op.create_index(
        "ix_refusals_unsettled", "refusals", ["edition_id"], postgresql_where=unsettled, sqlite_where=unsettled
    )
    op.create_table(
        "unread_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unread_events")),
    )
    op.create_index(op.f("ix_unread_events_at"), "unread_events", ["at"])
    op.create_table(
        "used_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_used_tokens")),
    )
    op.create_index(op.f("ix_used_tokens_at"), "used_tokens", ["at"])


def downgrade() -> None:
    op.drop_table("used_tokens")
    op.drop_table("unread_events")
    op.drop_table("refusals")
