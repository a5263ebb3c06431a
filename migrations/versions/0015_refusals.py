"""refusals: what mail servers refused, until feedback has acted on it"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0015"
down_revision = "0009"
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


def downgrade() -> None:
    op.drop_table("refusals")
