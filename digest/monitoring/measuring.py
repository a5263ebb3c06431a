"""What a task does once a minute: it takes the counts that cost more than a look-up, and tries the mail servers."""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta

from digest.articles import source_status
from digest.clock import Clock
from digest.database import Database
from digest.errors import UnavailableError
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.monitoring.states import FigureName, ProbeKind
from digest.monitoring.store import figures, heartbeats, measures
from digest.monitoring.store.figures import encode_labels
from digest.subscribers.store import subscribers

log = logging.getLogger(__name__)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FORGET_AFTER = timedelta(days=7)  # heartbeats of machines that are gone


def take_measures(db: Database, clock: Clock) -> None:
    """Replace the measured figures."""
    now = clock()
    with db.read() as tx:
        conditions = Counter(str(status.health.condition) for status in source_status.list_statuses(tx, now))
        measured: dict[FigureName, Mapping[str, int]] = {
            FigureName.DELIVERIES: _labelled("state", measures.deliveries_by_state(tx, now - DAY)),
            FigureName.FEEDBACK: _labelled("kind", measures.feedback_by_kind(tx, now - DAY)),
            FigureName.EDITIONS: _labelled("state", measures.open_editions_by_state(tx)),
            FigureName.SUBSCRIBERS: _labelled("state", subscribers.count_by_state(tx)),
            FigureName.SOURCES: _labelled("condition", conditions),
            FigureName.ARTICLES: {encode_labels({}): measures.count_articles(tx, now - HOUR)},
            FigureName.STORIES: {encode_labels({}): measures.count_stories(tx, now - HOUR)},
        }
    with db.begin() as tx:
        for name, values in measured.items():
            figures.replace(tx, name, values)
        heartbeats.forget_old(tx, now - FORGET_AFTER)


def probe_mail_servers(db: Database, clock: Clock, smtp_url: str) -> None:
    """Open a session with each mail server, with STARTTLS and signing in if that is set, and record how it went."""
    for server in parse_smtp_url(smtp_url) if smtp_url else ():
        with probed(db, clock, ProbeKind.MAIL_SERVER, server.name), closing(SmtpRelay([server])) as relay:
            relay.check()


@contextmanager
def probed(db: Database, clock: Clock, kind: ProbeKind, name: str) -> Iterator[None]:
    """Record whether a service answers in this block, and how long that takes. UnavailableError ends in the log."""
    started, problem = time.monotonic(), ""
    try:
        yield
    except UnavailableError as error:
        problem = str(error)
        log.warning("%s", problem)
    seconds = time.monotonic() - started
    with db.begin() as tx:
        heartbeats.record_probe(tx, kind, name, clock(), error=problem, seconds=seconds)


def _labelled(label: str, counts: Mapping[str, int]) -> dict[str, int]:
    return {encode_labels({label: str(name)}): count for name, count in counts.items()}
