"""Fixtures on an empty database, on SQLite and PostgreSQL."""

from tests.database_fixtures import (  # noqa: F401
    mail_server,
    planner,
    relay,
    sending_context,
    shared_mail_server,
    threads,
    tree,
    world,
)
from tests.deliveries.planned_deliveries import ann, six, sixty  # noqa: F401
