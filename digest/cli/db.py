"""`dateline db`: bring the schema up to date, or see whether it is."""

import sys

import click
from flask.cli import AppGroup

from digest.parts import parts

db_group = AppGroup("db", help="The database's schema.")


@db_group.command("upgrade")
def upgrade() -> None:
    """Bring the schema to the newest revision. Safe to repeat, and to run on several machines at once."""
    db = parts().db
    pending = db.pending_migrations()
    db.upgrade()
    click.echo(f"applied {', '.join(pending)}" if pending else "up to date")


@db_group.command("check")
def check() -> None:
    """Say whether the schema is up to date; exit status 1 when it is not."""
    pending = parts().db.pending_migrations()
    if pending:
        click.echo(f"not applied: {', '.join(pending)}; run `dateline db upgrade`", err=True)
        sys.exit(1)
    click.echo("up to date")
