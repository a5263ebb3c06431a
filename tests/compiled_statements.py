"""SQL that is compiled once for all databases of a run, as it is once for the one database of a real process."""

from collections import defaultdict
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from digest import database_engines

MOST_STATEMENTS = 3000  # one engine keeps 500 by default


def share_compiled_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let engines of the same kind share what they compile. The tests have thousands of engines."""
    caches: dict[type, LRUCache[Any, Any]] = defaultdict(lambda: LRUCache(MOST_STATEMENTS))

    def create_engine_with_shared_cache(*arguments: Any, **options: Any) -> Engine:
        engine = create_engine(*arguments, **options)
        engine._compiled_cache = caches[type(engine.dialect)]
        return engine

    monkeypatch.setattr(database_engines, "create_engine", create_engine_with_shared_cache)
    # The keys of a cache begin with the dialect, which each engine has one of.
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        monkeypatch.setattr(dialect, "__eq__", lambda self, other: type(self) is type(other))
        monkeypatch.setattr(dialect, "__hash__", lambda self: hash(type(self)))
