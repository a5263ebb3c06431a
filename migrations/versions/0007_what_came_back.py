"""Feedback keeps the delivery it answers, why, and from whom; suppressions know their reader.

Revision ID: 0007
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("feedback") as batch:
        batch.add_column(sa.Column("delivery_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("severity", sa.String(length=8), nullable=False, server_default=""))
        batch.add_column(sa.Column("status", sa.String(length=16), nullable=False, server_default=""))
        batch.add_column(sa.Column("reason", sa.String(length=32), nullable=False, server_default=""))
        batch.add_column(sa.Column("words", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("domain", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("fingerprint", sa.String(length=64), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_feedback_delivery_id_deliveries"), "deliveries", ["delivery_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_unique_constraint(batch.f("uq_feedback_fingerprint"), ["fingerprint"])
        batch.create_index(batch.f("ix_feedback_delivery_id"), ["delivery_id"], unique=False)
    with op.batch_alter_table("suppressions") as batch:
        batch.add_column(sa.Column("subscriber_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("detail", sa.Text(), nullable=False, server_default=""))
        batch.create_foreign_key(
            batch.f("fk_suppressions_subscriber_id_subscribers"),
            "subscribers",
            ["subscriber_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch.create_index(batch.f("ix_suppressions_subscriber_id"), ["subscriber_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("suppressions") as batch:
        batch.drop_index(batch.f("ix_suppressions_subscriber_id"))
        batch.drop_constraint(batch.f("fk_suppressions_subscriber_id_subscribers"), type_="foreignkey")
        batch.drop_column("detail")
        batch.drop_column("subscriber_id")
    with op.batch_alter_table("feedback") as batch:
        batch.drop_index(batch.f("ix_feedback_delivery_id"))
        batch.drop_constraint(batch.f("uq_feedback_fingerprint"), type_="unique")
        batch.drop_constraint(batch.f("fk_feedback_delivery_id_deliveries"), type_="foreignkey")
        for name in ("fingerprint", "domain", "words", "reason", "status", "severity", "delivery_id"):
            batch.drop_column(name)
