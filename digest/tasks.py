"""Celery's face of the stages: each task's name, queue and retry policy, and nothing else.

Messages are hints: what is to be done is in the rows, and beat asks them every minute. So a task that is lost,
repeated or run twice at once does no harm, and none is retried by the queue.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_shutting_down
from flask import current_app
from kombu.exceptions import OperationalError

from digest.articles import pruning
from digest.articles.ingest import page_texts, poller, source_poll
from digest.articles.ingest.source_poll import Polled
from digest.deliveries.oversight import archive
from digest.deliveries.planning import edition_planner, freezing, manual_editions
from digest.deliveries.pure.totals import in_words, reckon
from digest.deliveries.sending import delivery_sender, letter_queue
from digest.deliveries.sending.shutdown import Drain
from digest.deliveries.store import claims as deliveries
from digest.editions.store import editions
from digest.errors import UnavailableError
from digest.feedback.incoming_mail import LEFT, read_mailbox
from digest.parts import Parts
from digest.subscribers import lifecycle

log = logging.getLogger(__name__)

QUEUES = (
    "letters",
    "deliveries",
    "sources",
)  # in the order in which they matter; the Procfile names the same
TICK = 60.0  # seconds between two looks at what is due
SOON = 20  # seconds a message of the ticks may wait; the next tick says it again
# Seconds after which a hint is thrown away unread, so that they don't pile up while no worker runs.
STALE_HINT = 180
HOURLY = 3600.0
TIME_LIMIT = 600  # seconds after which Celery kills a task
# How long one poller begins new polls; the last ones take half a minute more. The next tick starts the next one, so
# that of the worker's processes at most two are at the sources, and the others at the mails.
READING_FOR = timedelta(seconds=50)
VISITED_AT_ONCE = 8  # hosts whose articles' pages are read
# How long one send task goes on; what is on its way then may take 4 minutes more (`mail.connection.DOT_TIMEOUT`).
SENDING_FOR = timedelta(minutes=5)


DRAIN = Drain()  # made before the worker forks, so that its children hear of it


def create_celery(parts: Parts, broker_url: str) -> Celery:
    """The Celery application: no result backend, JSON only, acknowledged at once."""
    celery = Celery("dateline", broker=broker_url, set_as_current=False)
    celery.conf.update(
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_default_queue="deliveries",
        task_routes={name: {"queue": queue} for name, (_run, queue) in _TASKS.items()},
        task_time_limit=TIME_LIMIT,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
            "retry_on_timeout": False,
            "queue_order_strategy": "priority",
            # A page that has something to say must not wait for a broker that is down: kombu would try for 6 s.
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0,
            "interval_max": 0,
        },
        broker_connection_timeout=3,
        broker_connection_max_retries=None,  # worker and beat wait for it for ever
        beat_schedule={
            name: {"task": name, "schedule": every, "options": {"expires": SOON if every == TICK else every}}
            for name, every in _BEAT.items()
        },
        timezone="UTC",
        enable_utc=True,
    )
    for name, (run, _queue) in _TASKS.items():
        celery.task(name=name, shared=False)(_bound(run, parts, celery))
    worker_process_init.connect(lambda **_: parts.db.close(), weak=False)  # connections don't survive a fork
    worker_shutting_down.connect(lambda **_: DRAIN.begin(), weak=False)
    return celery


def hint(celery: Celery, name: str, *args: Any) -> None:
    """Say that there is something to do. When nobody hears it, beat will find it in the rows within a minute."""
    try:
        celery.tasks[name].apply_async(args=args, retry=False, expires=STALE_HINT)
    except (OperationalError, OSError) as error:
        log.warning("the broker does not answer (%s); %s waits for the next tick", error, name)


def say(name: str, *args: Any) -> None:
    """`hint` for the pages and commands, which have a Flask application."""
    hint(current_app.extensions["celery"], name, *args)


def broker_trouble() -> str:
    """What is wrong with the broker, in words; "" when it answers."""
    try:
        with current_app.extensions["celery"].connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except (OperationalError, OSError) as error:
        return f"does not answer: {error} (REDIS_URL; embedded: is `dateline up` running?)"
    return ""


def _poll_due(parts: Parts, _celery: Celery) -> None:
    until = parts.reader.clock() + READING_FOR
    poller.read_due(parts.db, parts.reader, at_once=parts.settings.poll_connections, until=until, tell=_tell)


def _visit_due(parts: Parts, _celery: Celery) -> None:
    until = parts.reader.clock() + READING_FOR
    read = page_texts.visit_due(parts.db, parts.reader, at_once=VISITED_AT_ONCE, until=until)
    if read:
        log.info("read the pages of %d articles", read)


def _tell(polled: Polled) -> None:
    told = (polled.url, polled.new, polled.updated, polled.held, polled.error)
    log.info("polled %s: %d new, %d updated, %d held %s", *told)


def _poll(parts: Parts, _celery: Celery, source_id: int, forced: bool = False) -> None:
    if (polled := source_poll.poll(parts.db, parts.reader, source_id, forced=forced)) is not None:
        _tell(polled)


def _prune(parts: Parts, _celery: Celery) -> None:
    keep = timedelta(days=parts.settings.article_days)
    pruned = pruning.prune(parts.db, parts.reader.clock(), keep=keep)
    if pruned.articles or pruned.stories:
        log.info("pruned %d articles and %d stories", pruned.articles, pruned.stories)


def _plan_due(parts: Parts, celery: Celery) -> None:
    now = parts.reader.clock()
    freezing.release_due(parts.db, now)
    with parts.db.read() as tx:
        unplanned = [e.id for state in ("planning", "freezing") for e in editions.in_state(tx, state)]
    for edition_id in unplanned:
        hint(celery, "editions.plan", edition_id)
    planned = edition_planner.plan_due(parts.db, parts.planner(), now)
    if parts.settings.review:
        edition_planner.open_reviews(parts.db, now)
    if planned.deliveries:
        log.info("planned %d deliveries; nothing new for %d", planned.deliveries, planned.nothing_new)
        _start_senders(parts, celery)


def _plan_by_hand(parts: Parts, celery: Celery, edition_id: int) -> None:
    now = parts.reader.clock()
    freezing.compose(parts.db, parts.planner(), edition_id, now)
    manual_editions.plan(parts.db, parts.planner(), edition_id, now)
    _start_senders(parts, celery)


def _send_due(parts: Parts, celery: Celery) -> None:
    now = parts.reader.clock()
    manual_editions.cancel_given_back(parts.db, now)
    with parts.db.read() as tx:
        waiting = deliveries.open_count(tx, now)
    _finish(parts)
    if waiting:
        _start_senders(parts, celery)


def _start_senders(parts: Parts, celery: Celery) -> None:
    for _ in range(parts.settings.senders):
        hint(celery, "deliveries.send")


def _send(parts: Parts, celery: Celery) -> None:
    until = parts.post.ticks() + SENDING_FOR.total_seconds()
    with DRAIN.heard_here() as draining:
        sent = delivery_sender.send_due(
            parts.db, parts.post, go_on=lambda: parts.post.ticks() < until and not draining()
        )
        if draining():
            return
    _finish(parts)
    if sent:
        hint(celery, "deliveries.send")


def _finish(parts: Parts) -> None:
    with parts.db.begin() as tx:
        finished = deliveries.finish_editions(tx, parts.reader.clock())
        counts = deliveries.counts(tx, finished)
    for edition_id in finished:
        log.info("edition %d is sent: %s", edition_id, in_words(reckon(counts[edition_id])))


def _send_letters(parts: Parts, _celery: Celery) -> None:
    while delivery_sender.send_letters(parts.db, parts.post) >= letter_queue.CHUNK:
        pass


def _forget(parts: Parts, _celery: Celery) -> None:
    if forgotten := lifecycle.forget_unconfirmed(parts.db, parts.reader.clock()):
        log.info("forgot %d who never confirmed", forgotten)


def _fold(parts: Parts, _celery: Celery) -> None:
    before = parts.reader.clock() - timedelta(days=parts.settings.retention_days)
    if folded := archive.fold_old(parts.db, before):
        log.info("folded %d old deliveries into counts", folded)


def _read_feedback(parts: Parts, _celery: Celery) -> None:
    url, left = parts.settings.feedback_mailbox, parts.settings.var / LEFT
    if not url:
        return
    try:
        if read := read_mailbox(parts.db, url, parts.feedback(), left=left, clock=parts.reader.clock):
            log.info("feedback: read %d mails", read)
    except UnavailableError as error:
        log.warning("%s", error)


def _bound(run: Callable[..., None], parts: Parts, celery: Celery) -> Callable[..., None]:
    def task(*args: Any) -> None:
        run(parts.fresh(), celery, *args)

    task.__name__ = run.__name__.lstrip("_")
    return task


_TASKS: dict[str, tuple[Callable[..., None], str]] = {
    "letters.send": (_send_letters, "letters"),
    "deliveries.plan_due": (_plan_due, "deliveries"),
    "deliveries.send_due": (_send_due, "deliveries"),
    "deliveries.send": (_send, "deliveries"),
    "editions.plan": (_plan_by_hand, "deliveries"),
    "sources.poll_due": (_poll_due, "sources"),
    "sources.poll": (_poll, "sources"),
    "sources.visit_due": (_visit_due, "sources"),
    "articles.prune": (_prune, "sources"),
    "subscribers.forget": (_forget, "letters"),
    "deliveries.fold": (_fold, "deliveries"),
    "feedback.read": (_read_feedback, "sources"),
}
_BEAT: dict[str, float] = {
    "letters.send": TICK,
    "deliveries.plan_due": TICK,
    "deliveries.send_due": TICK,
    "sources.poll_due": TICK,
    "sources.visit_due": TICK,
    "articles.prune": HOURLY,
    "subscribers.forget": HOURLY,
    "deliveries.fold": HOURLY,
    "feedback.read": TICK,
}
