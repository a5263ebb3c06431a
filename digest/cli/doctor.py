"""`dateline doctor`: what is wrong, and how to mend it."""

import socket
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import click
from flask.cli import with_appcontext

from digest.errors import DatelineError
from digest.mail.relay import SmtpRelay
from digest.mail.servers import read_smtp_url
from digest.parts import Parts, parts
from digest.tasks import broker_trouble


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check settings, database, broker, mail server and names; exit status 1 when something is wrong."""
    p = parts()
    checks: dict[str, Callable[[Parts], str]] = {
        "settings": _settings,
        "database": _database,
        "broker": _broker,
        "mail server": _relay,
        "names": _names,
    }
    wrong = 0
    for name, check in checks.items():
        trouble = check(p)
        wrong += bool(trouble)
        click.echo(f"{'✗' if trouble else '✓'} {name}: {trouble or 'ok'}")
    sys.exit(1 if wrong else 0)


def _settings(p: Parts) -> str:
    """Settings that work but should not stay so where readers are."""
    s = p.settings
    public = not s.local
    told = [
        (
            public and not s.base_url.startswith("https:"),
            "BASE_URL is not https: one-click unsubscribing needs it (RFC 8058)",
        ),
        (
            public and not s.postal_address,
            "POSTAL_ADDRESS is empty; the law of many countries wants one in every mail",
        ),
        (public and not s.smtp_url, "SMTP_URL is not set, so all mail stays in the local outbox"),
        (s.mail_from.endswith(".example>") and bool(s.smtp_url), "MAIL_FROM is still the example address"),
    ]
    return "; ".join(text for wrong, text in told if wrong)


def _database(p: Parts) -> str:
    try:
        pending = p.db.pending_migrations()
    except DatelineError as error:
        return str(error)
    return f"migrations {', '.join(pending)} not applied; run `dateline db upgrade`" if pending else ""


def _broker(_p: Parts) -> str:
    return broker_trouble()


def _relay(p: Parts) -> str:
    if not p.settings.smtp_url:
        return ""
    relay = SmtpRelay(read_smtp_url(p.settings.smtp_url))
    try:
        relay.check()
    except DatelineError as error:
        return str(error)
    finally:
        relay.close()
    return ""


def _names(p: Parts) -> str:
    host = urlsplit(p.settings.base_url).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except OSError as error:
        return f"BASE_URL's host {host} can't be found: {error}"
    return ""
