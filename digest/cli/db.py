"""`dateline db`: migrate the schema, or check whether it is up to date."""

import sys

import click
from flask.cli import AppGroup

from digest.cli.reports import report
from digest.parts import parts

db_group = AppGroup("db", help="The database's schema.")


@db_group.command("upgrade")
def upgrade() -> None:
    """Migrate the schema to the newest revision. Safe to repeat, and to run on several machines at once."""
    db = parts().db
    pending = db.pending_migrations()
    db.upgrade()
    report(f"applied {', '.join(pending)}" if pending else "up to date", applied=list(pending))


@db_group.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take back the migrations after REVISION, for a return to an earlier version. What they added is lost.

    Run it with the later version, before the earlier one is installed. Make a backup first.

    \b
    Example: dateline db downgrade 0018
    """
    undone = parts().db.downgrade(revision)
    report(f"undone: {', '.join(undone)}" if undone else f"the schema is at {revision}", undone=list(undone))


@db_group.command("check")
def check() -> None:
    """Tell whether the schema is up to date; the exit status is 1 if it is not."""
    pending = parts().db.pending_migrations()
    if pending:
        click.echo(f"not applied: {', '.join(pending)}; run `dateline db upgrade`", err=True)
        sys.exit(1)
    report("up to date", pending=[])
