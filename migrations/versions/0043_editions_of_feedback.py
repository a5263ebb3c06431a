"""the edition that feedback is about, so that it is counted by edition, also when its deliveries are archived"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("feedback") as feedback:
        feedback.add_column(sa.Column("edition_id", sa.Integer(), nullable=True))
        feedback.create_foreign_key(
            "fk_feedback_edition_id_editions", "editions", ["edition_id"], ["id"], ondelete="SET NULL"
        )
    op.execute(
        "update feedback set edition_id = "
        "(select deliveries.edition_id from deliveries where deliveries.id = feedback.delivery_id) "
        "where delivery_id is not null"
    )
    op.create_index("ix_feedback_edition_id", "feedback", ["edition_id", "kind"])


def downgrade() -> None:
    op.drop_index("ix_feedback_edition_id", "feedback")
    with op.batch_alter_table("feedback") as feedback:
        feedback.drop_constraint("fk_feedback_edition_id_editions", type_="foreignkey")
        feedback.drop_column("edition_id")
