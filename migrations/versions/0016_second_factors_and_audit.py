"""second factors, failed sign-ins, letters to accounts, and an audit trail with details"""

import sqlalchemy as sa
from alembic import op

import digest.database

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tables()
    # Not in batches: on SQLite they would make the whole table anew.
    op.add_column("accounts", sa.Column("totp_secret", sa.Text(), nullable=False, server_default=""))
    op.add_column("accounts", sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("accounts", sa.Column("external_id", sa.Text()))
    op.create_index("ix_accounts_external_id", "accounts", ["external_id"], unique=True)
    for column in (
        sa.Column("face", sa.String(length=16), nullable=False, server_default="newsroom"),
        sa.Column("event", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("network", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("link", sa.Text(), nullable=False, server_default=""),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
    ):
        op.add_column("audit", column)
    op.create_index(op.f("ix_audit_link"), "audit", ["link"])
    # An editor could do what a manager can now: existing accounts keep what they may do.
    op.execute("update accounts set role = 'manager' where role = 'editor'")


def downgrade() -> None:
    op.execute("update accounts set role = 'editor' where role in ('manager', 'viewer')")
    op.drop_index(op.f("ix_audit_link"), "audit")
    for name in ("after", "before", "link", "network", "event", "face"):
        op.drop_column("audit", name)
    for name in ("account_letters", "sign_in_failures", "recovery_codes", "passkeys"):
        op.drop_table(name)
    op.drop_index("ix_accounts_external_id", "accounts")
    for name in ("external_id", "totp_step", "totp_secret"):
        op.drop_column("accounts", name)


def _create_tables() -> None:
    moment = digest.database.UtcDateTime(timezone=True)

    def account_id() -> sa.Column:
        return sa.Column("account_id", sa.Integer(), nullable=False)

    def to_account(table: str) -> sa.ForeignKeyConstraint:
        name = op.f(f"fk_{table}_account_id_accounts")
        return sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=name, ondelete="CASCADE")

    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        account_id(),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("last_used_at", moment),
        to_account("passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_account_id"), "passkeys", ["account_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        account_id(),
        sa.Column("used_at", moment),
        to_account("recovery_codes"),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_account_id"), "recovery_codes", ["account_id"])
    op.create_table(
        "sign_in_failures",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.Column("wait_until", moment, nullable=False),
        sa.PrimaryKeyConstraint("subject", "origin", name=op.f("pk_sign_in_failures")),
    )
    op.create_index("ix_sign_in_failures_last_at", "sign_in_failures", ["last_at"])
    op.create_table(
        "account_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        account_id(),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("not_before", moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("in_doubt", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        to_account("account_letters"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_letters")),
    )
    op.create_index(op.f("ix_account_letters_account_id"), "account_letters", ["account_id"])
    op.create_index("ix_account_letters_due", "account_letters", ["state", "not_before"])
