"""Reads every row of the tables that are exported, table by table, in the order in which they refer to each other."""

from base64 import b64encode
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, ColumnElement, Table, select, type_coerce
from sqlalchemy.types import TypeDecorator

from digest.database import Base, Tx

# What only this installation can use: proofs of who somebody is, and the state of work in progress.
LEFT_OUT_TABLES = frozenset((
    "account_letters", "bulk_change_rows", "bulk_changes", "delivery_ranges", "edition_snapshots", "hosts",
    "import_changes", "import_files", "import_remarks",
    "letter_requests", "passkeys", "recovery_codes", "repeatable_requests", "sender_slots", "sign_in_failures",
    "undo_steps", "used_tokens",
))  # fmt: skip
LEFT_OUT_COLUMNS = frozenset((
    ("accounts", "password_hash"), ("accounts", "session_key"), ("accounts", "totp_secret"), ("accounts", "totp_step"),
    ("api_tokens", "secret_hash"), ("sources", "folder_before"), ("sources", "folder_move"),
    ("subscribers", "bulk_change_id"), ("webhook_endpoints", "secret"),
))  # fmt: skip


class ExportedRow(NamedTuple):
    """A row of a table, as JSON can hold it."""

    table: str
    values: dict[str, Any]


def exported_columns() -> dict[str, list[str]]:
    """The columns of each table that are exported."""
    return {
        table.name: [c.name for c in table.columns if (table.name, c.name) not in LEFT_OUT_COLUMNS]
        for table in Base.metadata.sorted_tables
        if table.name not in LEFT_OUT_TABLES
    }


def iterate_rows(tx: Tx, tables: Collection[str]) -> Iterator[ExportedRow]:
    """All rows of these tables: those that others refer to come before them. Reads a thousand at a time."""
    for name, columns in exported_columns().items():
        if name not in tables:
            continue
        table = Base.metadata.tables[name]
        query = select(*(_plain(table, column) for column in columns)).order_by(*table.primary_key.columns)
        for row in tx.execute(query.execution_options(yield_per=1000)):
            yield ExportedRow(
                name, {column: _as_json(value) for column, value in zip(columns, row, strict=True)}
            )


def _plain(table: Table, name: str) -> ColumnElement[Any]:
    """A column; one whose type makes objects of JSON, as the JSON."""
    column = table.columns[name]
    kind = column.type
    is_json = isinstance(kind, TypeDecorator) and isinstance(kind.impl_instance, JSON)
    return type_coerce(column, JSON) if is_json else column


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, datetime) else value
