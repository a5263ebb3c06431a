"""`dateline doctor`: what is wrong, and how to fix it."""

import socket
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import click
import dns.exception
import dns.resolver
from flask import current_app
from flask.cli import with_appcontext

from digest import broker_state, clock_differences, private_files
from digest.clock_differences import DATABASE
from digest.errors import DatelineError
from digest.mail.pure.dkim import Signer
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.parts import Parts, parts

DNS_TIMEOUT = 5.0  # seconds


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check settings, database, broker, clocks, mail server and host names; the exit status is 1 if any is wrong."""
    p = parts()
    checks: dict[str, Callable[[Parts], str]] = {
        "settings": _settings,
        "files": _files,
        "database": _database,
        "broker": _broker,
        "clocks": _clocks,
        "mail server": _relay,
        "DKIM": _dkim,
        "names": _names,
    }
    problem_count = 0
    for name, check in checks.items():
        problem = check(p)
        problem_count += bool(problem)
        click.echo(f"{'✗' if problem else '✓'} {name}: {problem or 'ok'}")
    sys.exit(1 if problem_count else 0)


def _settings(p: Parts) -> str:
    """Settings that work, but are not right for a public site."""
    s = p.settings
    public = not s.local
    problems = [
        (
            public and not s.base_url.startswith("https:"),
            "BASE_URL is not https: one-click unsubscribing needs it (RFC 8058)",
        ),
        (
            public and not s.postal_address,
            "POSTAL_ADDRESS is empty; many countries require one in every mail by law",
        ),
        (public and not s.smtp_url, "SMTP_URL is not set, so all mail stays in the local outbox"),
        (
            s.base_url.startswith("https:") and not s.trusted_proxies,
            "TRUSTED_PROXIES is 0, but BASE_URL is https: behind a proxy, all readers seem to come from its address, "
            "and share its limits",
        ),
        (
            s.mail_from.domain.endswith(".example") and bool(s.smtp_url),
            "MAIL_FROM is still the example address",
        ),
    ]
    return "; ".join(text for applies, text in problems if applies)


def _files(p: Parts) -> str:
    """Files of the data folder that other users of this machine may read."""
    paths = private_files.open_to_others(p.settings.var)
    if not paths:
        return ""
    return f"others may read {paths[0]} (of {len(paths)}); run `chmod -R go= {p.settings.var}`"


def _database(p: Parts) -> str:
    try:
        p.db.check_writable()
        pending = p.db.pending_migrations()
    except DatelineError as error:
        return str(error)
    return f"migrations {', '.join(pending)} not applied; run `dateline db upgrade`" if pending else ""


def _broker(_p: Parts) -> str:
    return broker_state.problem(current_app.extensions["celery"])


def _clocks(p: Parts) -> str:
    differences = clock_differences.find_differences(p, current_app.extensions["celery"])
    problems = [
        f"the clock of {'the database' if found.machine == DATABASE else found.machine} is {abs(found.seconds)} s "
        f"{'ahead of' if found.seconds > 0 else 'behind'} the broker's"
        for found in differences
    ]
    return "; ".join([*problems, "set the clocks of all machines by NTP"]) if problems else ""


def _relay(p: Parts) -> str:
    if not p.settings.smtp_url:
        return ""
    relay = SmtpRelay(parse_smtp_url(p.settings.smtp_url))
    try:
        relay.check()
    except DatelineError as error:
        return str(error)
    finally:
        relay.close()
    return ""


def _dkim(p: Parts) -> str:
    """Print the DNS record of each key, and report a published record that differs."""
    problems = []
    for signer in p.sender.signers:
        click.echo(f'  {signer.record_name} TXT "{signer.record}"')
        if not p.settings.local:
            problems.append(_check_published(signer))
    return "; ".join(filter(None, problems))


def _check_published(signer: Signer) -> str:
    try:
        answer = dns.resolver.resolve(signer.record_name, "TXT", lifetime=DNS_TIMEOUT)
    except dns.exception.DNSException as error:
        return f"{signer.record_name} can't be looked up: {error}"
    records = ["".join(part.decode("ascii", "replace") for part in record.strings) for record in answer]
    public_key = signer.record.rpartition("p=")[2]
    if any(public_key in record.replace(" ", "") for record in records):
        return ""
    return f"{signer.record_name} has another key; publish the record above"


def _names(p: Parts) -> str:
    host = urlsplit(p.settings.base_url).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except OSError as error:
        return f"BASE_URL's host {host} can't be found: {error}"
    return ""
