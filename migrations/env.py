"""Alembic's entry: the engine comes from the caller, or from the settings when alembic itself was called."""

from alembic import context

import digest.accounts.models
import digest.articles.models
import digest.deliveries.models
import digest.editions.models
import digest.feedback.models
import digest.regions.models
import digest.sources.models
import digest.subscribers.models  # noqa: F401  (each import brings its tables)
from digest.database import Base, Database
from digest.settings import Settings

engine = context.config.attributes.get("engine") or Database(Settings.from_env().database).engine

with engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        # A batch makes a table anew and drops the old one, which would delete all rows that hang on it
        # (https://sqlite.org/lang_altertable.html#otheralter). It has to be said outside of a transaction.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    if connection.dialect.name == "postgresql":
        # two machines releasing at once: the second waits here, and then finds nothing to do
        connection.exec_driver_sql("select pg_advisory_lock(8531)")
        connection.commit()
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
