"""ranges and slots: senders claim ranges of deliveries and hold slots; ids of deliveries have 64 bits"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tables()
    op.execute("update deliveries set state = 'planned', not_before = planned_at where state = 'claimed'")
    op.drop_index("ix_deliveries_due", "deliveries")
    op.drop_index("ix_deliveries_digest", "deliveries")
    # Not in batches: on SQLite they would make the whole table anew.
    op.execute("alter table deliveries drop column claim")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table deliveries set (fillfactor = 70)")
        op.execute("alter table deliveries alter column id type bigint")  # writes the table anew
        op.execute("alter sequence deliveries_id_seq as bigint")
        op.execute("alter table feedback alter column delivery_id type bigint")
    op.create_index("ix_deliveries_digest", "deliveries", ["digest_id", "id"])
    op.add_column("letters", sa.Column("in_doubt", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("letters", "in_doubt")
    op.drop_index("ix_deliveries_digest", "deliveries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table feedback alter column delivery_id type integer")
        op.execute("alter table deliveries alter column id type integer")
        op.execute("alter sequence deliveries_id_seq as integer")
        op.execute("alter table deliveries reset (fillfactor)")
    op.add_column("deliveries", sa.Column("claim", sa.String(length=32), nullable=False, server_default=""))
    op.create_index("ix_deliveries_digest", "deliveries", ["digest_id"])
    op.create_index("ix_deliveries_due", "deliveries", ["edition_id", "state", "not_before", "digest_id"])
    op.drop_table("sender_slots")
    op.drop_table("delivery_ranges")


def _create_tables() -> None:
    moment = digest.database.UtcDateTime(timezone=True)
    op.create_table(
        "delivery_ranges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.Column("up_to_id", sa.BigInteger(), nullable=False),
        sa.Column("first_digest_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_digest_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("released_at", moment, nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_delivery_ranges_edition_id_editions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_ranges")),
    )
    op.create_index("ix_delivery_ranges_edition", "delivery_ranges", ["edition_id"])
    op.create_index("ix_delivery_ranges_due", "delivery_ranges", ["due_at"])
    op.create_index("ix_delivery_ranges_holder", "delivery_ranges", ["holder"])
    op.create_table(
        "sender_slots",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sender_slots")),
    )
