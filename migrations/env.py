"""Alembic's entry: the engine comes from the caller, or from the settings when alembic itself was called."""

from alembic import context

import digest.accounts.models
import digest.articles.models
import digest.deliveries.models
import digest.editions.models
import digest.feedback.models
import digest.look.models
import digest.regions.models
import digest.sources.models
import digest.subscribers.bulk.models
import digest.subscribers.models  # noqa: F401  (each import brings its tables)
from digest.database import Base, Database
from digest.database_migrations import MIGRATION_LOCK_TIMEOUT
from digest.settings import Settings

engine = context.config.attributes.get("engine") or Database(Settings.from_env().sqlalchemy_url).engine

# Two machines may migrate at once: the second waits for the first, however long it takes, and then finds nothing to do.
# The lock ends with the transaction, because a pooler may give the session to another client then. Statements may take
# long, but a statement that waits for a table keeps all others from it, so it soon gives up.
PREPARE_POSTGRESQL = f"""set local statement_timeout = 0; set local lock_timeout = 0;
select pg_advisory_xact_lock(8531); set local lock_timeout = '{MIGRATION_LOCK_TIMEOUT}'"""

with engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        # A batch makes a table anew and drops the old one, which would delete all rows that hang on it
        # (https://sqlite.org/lang_altertable.html#otheralter). It has to be said outside of a transaction.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(PREPARE_POSTGRESQL)
        context.run_migrations()
    connection.commit()
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
