"""Migrations of the schema: which are pending, applying them, and undoing them."""

from collections.abc import Sequence

import alembic.command
import alembic.config
import alembic.script
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from digest import project_files
from digest.database_errors import LOCK_NOT_AVAILABLE, sqlstate
from digest.errors import InvalidInputError, UnavailableError

# Pages and senders that want the same table wait as long as the migration does.
MIGRATION_LOCK_TIMEOUT = "10s"
TABLE_IN_USE = (
    f"database: a table was in use for more than {MIGRATION_LOCK_TIMEOUT}, so nothing was migrated. Stop worker and "
    "beat, end long transactions (pg_stat_activity lists them), and run `dateline db upgrade` again."
)


def alembic_config(engine: Engine) -> alembic.config.Config:
    """The configuration of Alembic for our migrations on `engine`."""
    config = alembic.config.Config()  # alembic.ini is only for calling alembic itself
    config.set_main_option("script_location", str(project_files.MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def pending(engine: Engine) -> Sequence[str]:
    """The revisions that the code has and the database lacks, oldest first; none of a later version's schema."""
    script = alembic.script.ScriptDirectory.from_config(alembic_config(engine))
    current = _current(engine)
    revisions = [script_file.revision for script_file in script.walk_revisions()][::-1]
    if not set(current) <= set(revisions):
        return []  # a later version has migrated; its schema fits this code too, while versions are exchanged
    applied = {
        script_file.revision for head in current for script_file in script.iterate_revisions(head, "base")
    }
    return [revision for revision in revisions if revision not in applied]


def upgrade(engine: Engine) -> None:
    """Migrate the schema to the newest revision. Raises UnavailableError if a table is in use."""
    try:
        alembic.command.upgrade(alembic_config(engine), "head")
    except DBAPIError as error:
        if sqlstate(error.orig) == LOCK_NOT_AVAILABLE:
            raise UnavailableError(TABLE_IN_USE) from error
        raise


def downgrade(engine: Engine, revision: str) -> Sequence[str]:
    """Undo the migrations after `revision`; returns them, newest first. Raises InvalidInputError."""
    config = alembic_config(engine)
    script = alembic.script.ScriptDirectory.from_config(config)
    known = [script_file.revision for script_file in script.walk_revisions()]
    if revision not in known:
        raise InvalidInputError(f'"{revision}" is no revision; they are {known[-1]} to {known[0]}')
    current = _current(engine)
    if not set(current) <= set(known):
        raise InvalidInputError(
            f"the schema is {', '.join(current)}, of a later version; that one can undo it"
        )
    applied = known[known.index(current[0]) :] if current else []
    undone = applied[: applied.index(revision)] if revision in applied else []
    if undone:
        alembic.command.downgrade(config, revision)
    return undone


def _current(engine: Engine) -> Sequence[str]:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_heads()
