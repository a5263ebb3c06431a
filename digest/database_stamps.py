"""Stamps: values in the database that change whenever certain tables are written.

What is kept in memory of these tables is still true while the stamp is the one that was read before them. A table takes
part with `info={STAMP: name}`. Every INSERT, UPDATE and DELETE that SQLAlchemy builds for it counts, whoever runs it.
The stamp is written by the last statement of the transaction. So it changes together with the tables, nobody waits for
its row longer than a commit takes, and who waits for it holds up nobody who needs more.
"""

import secrets
from typing import Any

from sqlalchemy import Connection, Engine, UpdateBase, event, text

STAMP = "stamp"  # in `Table.info`: the name of the stamp that a write of the table changes
# In `Connection.info`: the stamps of the tables that the transaction has written.
WRITTEN = "dateline_written"
# At random, not counted: a database that is restored from a copy must not come to a value that it had before.
RENEW = text(
    "insert into data_stamps (name, value) values (:name, :value)"
    " on conflict (name) do update set value = excluded.value"
)


def renew_stamps_of_written_tables(engine: Engine) -> None:
    """Let every transaction of this engine change the stamps of the tables that it writes."""
    event.listen(engine, "before_execute", _note_table)
    event.listen(engine, "commit", _renew)
    event.listen(engine, "rollback", _forget)


def _note_table(connection: Connection, statement: Any, *_parameters: Any) -> None:
    if isinstance(statement, UpdateBase):
        name = getattr(statement.table, "info", {}).get(STAMP)
        if name:
            connection.info.setdefault(WRITTEN, set()).add(name)


def _renew(connection: Connection) -> None:
    for name in sorted(connection.info.pop(WRITTEN, ())):
        connection.execute(RENEW, {"name": name, "value": secrets.token_hex(8)})


def _forget(connection: Connection) -> None:
    # A connection that was lost has no `info` any more: asking for it would connect anew, which is refused here.
    if not connection.invalidated:
        connection.info.pop(WRITTEN, None)
