"""The checks of `dateline doctor` about this installation: settings, files, services, and the way to the site."""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import current_app

from digest import broker_state, clock_differences, private_files
from digest.accounts.store import accounts
from digest.clock_differences import DATABASE
from digest.errors import DatelineError, UnavailableError
from digest.findings import Finding, doubtful, fine, wrong
from digest.http_client import HttpAnswer, send_request
from digest.look.pure.look import ALL_LANGUAGES
from digest.monitoring.pure.signals import Limits
from digest.parts import Parts

NO_REPLY = re.compile(r"(?i)(no|do-?not)-?_?reply")
SLOW = 0.2  # seconds for a look-up; pages make several


def check_settings(p: Parts) -> Iterator[Finding]:
    """Settings that work, but are not right for a public site."""
    s, words = p.settings, p.look(ALL_LANGUAGES).words
    public = not s.local
    if public and not s.base_url.startswith("https:"):
        yield wrong("BASE_URL is not https: one-click unsubscribing needs it (RFC 8058)")
    if public and not words.postal_address:
        yield wrong(
            "there is no postal address; many countries require one in every mail by law: set POSTAL_ADDRESS, or save "
            "one as part of the look"
        )
    if public and not s.smtp_url:
        yield wrong("SMTP_URL is not set, so all mail stays in the local outbox")
    if s.base_url.startswith("https:") and not s.trusted_proxies:
        yield wrong(
            "TRUSTED_PROXIES is 0, but BASE_URL is https: behind a proxy, all readers seem to come from its address, "
            "and share its limits"
        )
    if s.mail_from.domain.endswith(".example") and s.smtp_url:
        yield wrong("MAIL_FROM is still the example address")
    if NO_REPLY.match(s.mail_from.address) and not words.reply_to:
        yield doubtful(
            "the name of MAIL_FROM says that nobody reads answers; set REPLY_TO to a mailbox that somebody reads"
        )


def check_files(p: Parts) -> Iterator[Finding]:
    """Files of the data folder that other users of this machine may read, or that we can't write."""
    folder = p.settings.var
    paths = private_files.open_to_others(folder)
    if paths:
        yield wrong(f"others may read {paths[0]} (of {len(paths)}); run `chmod -R go= {folder}`")
    if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield wrong(f"this user can't write to {folder}; run `chown -R` for the user of web, worker and beat")


def check_disk(p: Parts) -> Iterator[Finding]:
    """The disk of the data folder on this machine; those of the others are in their heartbeats."""
    limits, disk = Limits(), shutil.disk_usage(p.settings.var)
    text = f"{disk.free / 1e9:.1f} of {disk.total / 1e9:.1f} GB are free for {p.settings.var}"
    is_low = disk.free < limits.least_free_share * disk.total and disk.free < limits.enough_free_octets
    yield wrong(f"{text}; free some space") if is_low else fine(text)


def check_database(p: Parts) -> Iterator[Finding]:
    """Whether the database accepts writes, and how long a look at it takes."""
    started = time.monotonic()
    try:
        p.db.check_writable()
        seconds = time.monotonic() - started
        pending = p.db.pending_migrations()
    except DatelineError as error:
        yield wrong(str(error))
        return
    if pending:
        yield wrong(f"migrations {', '.join(pending)} not applied; run `dateline db upgrade`")
    if seconds > SLOW:
        yield doubtful(f"a look at it took {seconds * 1000:.0f} ms; is it far away, or busy?")


def check_broker(_p: Parts) -> Iterator[Finding]:
    """Whether the broker accepts writes, and how long one takes."""
    problem, seconds = broker_state.probe(current_app.extensions["celery"])
    if problem:
        yield wrong(problem)
    elif seconds > SLOW:
        yield doubtful(f"a write to it took {seconds * 1000:.0f} ms; is it far away, or busy?")


def check_clocks(p: Parts) -> Iterator[Finding]:
    """Whether the clocks of all machines agree."""
    for found in clock_differences.find_differences(p, current_app.extensions["celery"]):
        machine = "the database" if found.machine == DATABASE else found.machine
        direction = "ahead of" if found.seconds > 0 else "behind"
        yield wrong(
            f"the clock of {machine} is {abs(found.seconds)} s {direction} the broker's; "
            "set the clocks of all machines by NTP"
        )


def check_site(p: Parts) -> Iterator[Finding]:
    """Whether BASE_URL leads to this site: by its name, through its proxy, with a valid certificate."""
    if p.settings.local:
        yield fine("BASE_URL is on this machine, so only this machine can read the site")
        return
    try:
        answer = _ask_site(p, "/healthz")
    except UnavailableError as error:
        yield wrong(f"BASE_URL does not lead to the site: {error}")
        return
    if not answer.succeeded or b'"ok"' not in answer.body:
        yield wrong(
            f"BASE_URL leads to something else: {p.settings.base_url}/healthz answers {answer.status}"
        )
    else:
        yield fine(f"{p.settings.base_url} answers (asked from this machine)")


def check_proxies(p: Parts) -> Iterator[Finding]:
    """Whether TRUSTED_PROXIES is the number of proxies that a request to BASE_URL passes."""
    trusted = p.settings.trusted_proxies
    if p.settings.local or not p.settings.monitoring_token:
        yield fine(f"TRUSTED_PROXIES is {trusted}; with MONITORING_TOKEN on a public site, this is compared")
        return
    try:
        answer = _ask_site(p, "/readyz")
        passed = json.loads(answer.body).get("proxies")
    except (UnavailableError, ValueError, AttributeError):
        passed = None
    if not isinstance(passed, int):
        yield doubtful("how many proxies a request passes is not known: /readyz of BASE_URL does not say")
    elif passed != trusted:
        yield wrong(
            f"a request to BASE_URL passes {passed} proxies that name themselves, but TRUSTED_PROXIES is {trusted}: "
            + (
                "readers share the limits of a proxy's address"
                if passed > trusted
                else "anybody can claim to come from any address"
            )
        )
    else:
        yield fine(f"a request passes as many proxies as TRUSTED_PROXIES says ({trusted})")


def check_alerts(p: Parts) -> Iterator[Finding]:
    """Whether anybody would hear of an alert."""
    s = p.settings
    if s.local or s.alert_webhook:
        return
    try:
        with p.db.read() as tx:
            has_readers = bool(accounts.wanting_alerts(tx))
    except UnavailableError:
        return
    if not has_readers:
        yield doubtful(
            "nobody would hear of an alert: set ALERT_WEBHOOK, or run `dateline accounts alerts EMAIL on`"
        )


def _ask_site(p: Parts, path: str) -> HttpAnswer:
    """An answer of the site by its public address. Its own address may be a private one, as behind a router."""
    url = urlsplit(p.settings.base_url)
    port = url.port or (443 if url.scheme == "https" else 80)
    token = p.settings.monitoring_token
    headers = {"Authorization": f"Bearer {token}"} if token and url.scheme == "https" else {}
    own = frozenset({f"{url.hostname}:{port}"})
    return send_request("GET", p.settings.base_url + path, headers=headers, allowed_private_hosts=own)
