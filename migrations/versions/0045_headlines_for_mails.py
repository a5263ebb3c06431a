"""headlines that editors write for mails"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("mail_headline", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("articles", "mail_headline")
