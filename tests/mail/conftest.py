"""Fixtures: a relay and a mail server."""

from tests.database_fixtures import mail_server, relay, shared_mail_server  # noqa: F401
