"""`dateline export`: the tables as JSON lines."""

import json

import click
from flask.cli import with_appcontext

from digest.exports import store
from digest.parts import parts


@click.command("export")
@click.option("--table", "tables", multiple=True, help="Only this table; may be given several times.")
@with_appcontext
def export(tables: tuple[str, ...]) -> None:
    """Print all tables as JSON lines: {"table": "subscribers", "row": {…}}.

    Rows come after those that they refer to. Passwords, tokens and other secrets are left out, and what only this
    installation can use. The output has the addresses of all subscribers: keep it as you keep a backup.

    \b
    Example: dateline export > dateline.jsonl
    """
    known = store.exported_columns()
    for name in tables:
        if name not in known:
            raise click.BadParameter(f'"{name}" is none of {", ".join(known)}', param_hint="--table")
    with parts().db.read(time_limit=False) as tx:
        for table, row in store.iterate_rows(tx, tables or tuple(known)):
            click.echo(json.dumps({"table": table, "row": row}, ensure_ascii=False))
