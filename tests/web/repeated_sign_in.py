"""A sign-in that is done once by the pages, and then repeated by writing the same rows and giving the same cookies.

Signing in takes longer than most tests of the newsroom. All of them do it at the same moment of the stopped clock, and
most before anybody else has an account; only these sign-ins are repeated.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from digest.database import Base, Database
from digest.parts import EXTENSION_KEY, Parts

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class SignIn:
    """What a sign-in left: the account's password, the browser's cookies, and rows in tables that were empty before."""

    password: str
    cookies: dict[Any, Any]
    rows: Rows


_kept: dict[Hashable, SignIn] = {}


def repeat_or_sign_in(
    app: Flask, role: str, sign_in: Callable[[], tuple[FlaskClient, str]]
) -> tuple[FlaskClient, str]:
    """A browser of a new account with this role, and its password. `sign_in` makes both."""
    p: Parts = app.extensions[EXTENSION_KEY]
    if p.db.engine.dialect.name != "sqlite" or app.config["SECRET_KEY"] != p.settings.secret_key:
        return sign_in()
    key = (role, p.clock(), replace(p.settings, var=Path(), redis_url=""))
    kept = _kept.get(key)
    if kept is not None:
        if not _are_empty(p.db, kept.rows):
            return sign_in()
        _insert(p.db, kept.rows)
        client = app.test_client()
        client._cookies = dict(kept.cookies)
        return client, kept.password
    before = _all_rows(p.db)
    client, password = sign_in()
    rows = {name: rows for name, rows in _all_rows(p.db).items() if rows != before[name]}
    if not any(before[name] for name in rows):
        _kept[key] = SignIn(password, dict(client._cookies or {}), rows)
    return client, password


def _all_rows(db: Database) -> Rows:
    with db.read() as tx:
        connection = tx.connection()
        return {
            name: [tuple(row) for row in connection.exec_driver_sql(f"select * from {name}")]  # noqa: S608
            for name in Base.metadata.tables
        }


def _are_empty(db: Database, rows: Rows) -> bool:
    query = " or ".join(f"exists (select 1 from {name})" for name in rows)  # noqa: S608
    with db.read() as tx:
        return not tx.connection().exec_driver_sql(f"select {query}").scalar_one()


def _insert(db: Database, rows: Rows) -> None:
    with db.begin() as tx:
        connection = tx.connection()
        for table in Base.metadata.sorted_tables:  # those that others refer to come first
            for row in rows.get(table.name, ()):
                marks = ", ".join("?" * len(row))
                connection.exec_driver_sql(f"insert into {table.name} values ({marks})", row)  # noqa: S608
