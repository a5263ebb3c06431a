"""The Celery tasks: each one's name, queue and schedule, and the call of the stage that does the work.

A message is only a hint: the database says what is to be done, and the tasks that beat enqueues find all of it. A
message that is lost, repeated or handled twice at once therefore does no harm, and no task is retried.
"""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from celery import Celery, current_task
from celery.signals import beat_init, worker_process_init, worker_ready, worker_shutting_down
from flask import current_app
from kombu.exceptions import OperationalError

from digest import broker_state, upkeep_tasks
from digest.articles.ingest import page_texts, poller, source_poll
from digest.articles.ingest.source_poll import PollReport
from digest.celery_settings import CELERY_SETTINGS
from digest.child_processes import end_with_parent
from digest.deliveries.planning import edition_planner, first_digests, freezing, manual_editions
from digest.deliveries.pure.totals import compute_totals, format_totals
from digest.deliveries.sending import delivery_sender, letter_sender
from digest.deliveries.sending.sender_run import SendingResult, send_in_free_slot
from digest.deliveries.sending.shutdown import ShutdownFlag
from digest.deliveries.store import deliveries
from digest.editions.states import EditionState
from digest.editions.store import editions
from digest.errors import UnavailableError
from digest.logs import log_context
from digest.look.pure.look import ALL_LANGUAGES
from digest.monitoring.run_records import HEARTBEAT_INTERVAL, record_heartbeats, recorded_run
from digest.monitoring.states import BEAT_ROLE
from digest.parts import Parts
from digest.subscribers import letter_requests
from digest.task_names import Queue, TaskName
from digest.webhooks.recording import record_many
from digest.webhooks.states import EventType

log = logging.getLogger(__name__)

EVERY_MINUTE = 60.0  # seconds
EVERY_HOUR = 3600.0
# Messages that may wait in a queue. More would only pile up while no worker runs. They carry no time at which they
# expire, because the clock of the machine that sets it may differ from the worker's.
MAX_WAITING = 200
TIME_LIMIT = 600  # seconds after which Celery kills a task
# How long one poller starts new polls; the last ones take half a minute more. Beat starts another poller each
# minute, so at most two of the worker's processes poll sources at a time.
POLLING_TIME = timedelta(seconds=50)
PAGE_HOSTS_AT_ONCE = 8  # hosts from which pages of articles are fetched at the same time
# How long one sending task claims deliveries. The last mails may then wait 4 minutes more for the mail server's reply
# (`connection.DOT_TIMEOUT`).
SENDING_TIME = timedelta(minutes=5)

SHUTDOWN = ShutdownFlag()  # made before the worker forks, so that its child processes see it


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """What a task runs, in which queue, and how often beat enqueues it, in seconds (None: only on request)."""

    run: Callable[..., None]
    queue: Queue
    every: float | None = None


def create_celery(parts: Parts, broker_url: str) -> Celery:
    """The Celery application: no result backend, JSON only, messages acknowledged when they are received."""
    celery = Celery("dateline", broker=broker_url, set_as_current=False)
    celery.conf.update(
        **CELERY_SETTINGS,
        task_default_queue=Queue.UPKEEP.value,
        task_routes={name.value: {"queue": spec.queue.value} for name, spec in TASKS.items()},
        task_time_limit=TIME_LIMIT,
        beat_schedule=_beat_schedule(),
    )
    for name, spec in TASKS.items():
        celery.task(name=name.value, shared=False)(_bind(name, spec.run, parts, celery))
    receivers = (
        (worker_process_init, lambda **_: parts.db.close()),  # connections don't survive a fork
        (worker_process_init, lambda **_: end_with_parent(os.getppid())),
        (worker_ready, lambda sender, **_: _begin_work(celery, parts, sender.timer)),
        (worker_shutting_down, lambda **_: SHUTDOWN.set()),
        (beat_init, lambda sender, **_: sender.scheduler.show_itself_by(_heartbeat(parts, [BEAT_ROLE]))),
    )
    for signal, receive in receivers:
        signal.connect(receive)
    # A signal of Celery lasts as long as the process, and refers weakly to its receivers: they live with `celery`.
    celery.receivers = receivers
    return celery


def enqueue_with(celery: Celery, task: TaskName, *args: Any) -> None:
    """Ask a worker to run a task soon. Without a broker this only logs, because beat finds the work within a minute.

    A message without arguments that nobody has taken yet is enough: who takes it finds all rows that are committed.
    """
    queue = TASKS[task].queue
    try:
        if not args and broker_state.is_waiting(celery, task, queue):
            return
        if broker_state.count_waiting(celery, queue) < MAX_WAITING:
            celery.tasks[task.value].apply_async(args=args, retry=False)
        else:
            log.warning("%d messages wait in the queue %s; is a worker running?", MAX_WAITING, queue)
    except (UnavailableError, OperationalError, OSError) as error:
        log.warning("%s waits for the next minute; the broker: %s", task, error)


def enqueue(task: TaskName, *args: Any) -> None:
    """`enqueue_with` for pages and commands, which run within a Flask application."""
    enqueue_with(current_app.extensions["celery"], task, *args)


def _begin_work(celery: Celery, parts: Parts, timer: Any) -> None:
    """When a worker is ready: enqueue the work of its queues, rather than wait for beat, and measure its clock."""
    for name, spec in TASKS.items():
        if spec.every == EVERY_MINUTE and spec.queue.value in celery.amqp.queues.consume_from:
            enqueue_with(celery, name)

    timer.call_repeatedly(EVERY_MINUTE, broker_state.publish_clock, (celery, parts.clock))
    queues = sorted(celery.amqp.queues.consume_from)
    heartbeat = _heartbeat(parts, queues)
    heartbeat()
    timer.call_repeatedly(HEARTBEAT_INTERVAL, heartbeat)


def _heartbeat(parts: Parts, roles: Sequence[str]) -> Callable[[], None]:
    return partial(record_heartbeats, parts.db, parts.clock, roles, parts.settings.var)


def _poll_due_sources(parts: Parts, _celery: Celery) -> None:
    until = parts.clock() + POLLING_TIME
    concurrency = parts.settings.poll_connections
    poller.poll_due_sources(parts.db, parts.ingest, concurrency=concurrency, until=until, on_report=_log_poll)


def _fetch_pages(parts: Parts, _celery: Celery) -> None:
    until = parts.clock() + POLLING_TIME
    count = page_texts.fetch_due_pages(parts.db, parts.ingest, concurrency=PAGE_HOSTS_AT_ONCE, until=until)
    if count:
        log.info("read the pages of %d articles", count)


def _poll_source(parts: Parts, _celery: Celery, source_id: int, forced: bool = False) -> None:
    report = source_poll.poll_source(parts.db, parts.ingest, source_id, forced=forced)
    if report is not None:
        _log_poll(report)


def _log_poll(report: PollReport) -> None:
    values = (report.url, report.new, report.updated, report.held, report.error)
    log.info("polled %s: %d new, %d updated, %d held %s", *values)


def _plan_due(parts: Parts, celery: Celery) -> None:
    now = parts.clock()
    freezing.release_due(parts.db, now)
    with parts.db.read() as tx:
        states = (EditionState.PLANNING, EditionState.FREEZING)
        unplanned = [edition.id for edition in editions.in_state(tx, *states)]
    for edition_id in unplanned:
        enqueue_with(celery, TaskName.PLAN_EDITION, edition_id)
    result = edition_planner.plan_due(parts.db, parts.planner(), now)
    if parts.sends_first_digests:
        note = parts.looks.current(parts.db).shown(ALL_LANGUAGES).words.welcome
        result += first_digests.plan_first_digests(parts.db, parts.planner(), now, note=note)
    if parts.settings.review:
        edition_planner.open_reviews(parts.db, now)
    if result.deliveries:
        log.info("planned %d deliveries; nothing new for %d", result.deliveries, result.nothing_new)
        _enqueue_senders(parts, celery)


def _plan_edition(parts: Parts, celery: Celery, edition_id: int) -> None:
    now = parts.clock()
    freezing.write_digests(parts.db, parts.planner(), edition_id, now)
    manual_editions.plan(parts.db, parts.planner(), edition_id, now)
    _enqueue_senders(parts, celery)


def _start_senders(parts: Parts, celery: Celery) -> None:
    now = parts.clock()
    manual_editions.cancel_deliveries_of_cancelled_editions(parts.db, now)
    with parts.db.begin() as tx:
        due = deliveries.any_due(tx, now)
    _finish_editions(parts)
    if due:
        _enqueue_senders(parts, celery)


def _enqueue_senders(parts: Parts, celery: Celery) -> None:
    for _ in range(parts.settings.senders):
        enqueue_with(celery, TaskName.SEND_DELIVERIES)


def _send_deliveries(parts: Parts, celery: Celery) -> None:
    result = _send_while_allowed(parts, partial(delivery_sender.send_due, parts.db, parts.sending))
    if result is not None:
        _finish_editions(parts)
        if result.claimed:
            enqueue_with(celery, TaskName.SEND_DELIVERIES)
            enqueue_with(celery, TaskName.SETTLE_REFUSALS)


def _send_while_allowed(parts: Parts, send: Callable[..., SendingResult]) -> SendingResult | None:
    """Send for at most SENDING_TIME; returns None when all slots are taken, or when the worker ends."""
    monotonic = parts.sending.monotonic
    until = monotonic() + SENDING_TIME.total_seconds()
    with SHUTDOWN.watch_sigterm() as shutting_down:
        result = send_in_free_slot(send, lambda: monotonic() < until and not shutting_down())
        return None if result.no_slot is not None or shutting_down() else result


def _finish_editions(parts: Parts) -> None:
    with parts.db.begin() as tx:
        finished = deliveries.finish_editions(tx, parts.clock())
        counts = deliveries.count_by_state(tx, finished)
        sent = ({"id": edition_id, "deliveries": counts[edition_id]} for edition_id in finished)
        record_many(tx, EventType.EDITION_SENT, parts.clock(), sent)
    for edition_id in finished:
        totals, fields = format_totals(compute_totals(counts[edition_id])), {"edition": edition_id}
        log.info("edition %d is sent: %s", edition_id, totals, extra=fields)


def _send_letters(parts: Parts, _celery: Celery) -> None:
    settings = parts.settings
    letter_requests.process_all(
        parts.db, secret=settings.secret_key, per_hour=settings.letters_per_hour, now=parts.clock()
    )
    _send_while_allowed(parts, partial(letter_sender.send_letters, parts.db, parts.letter_sending))


def _bind(name: TaskName, run: Callable[..., None], parts: Parts, celery: Celery) -> Callable[..., None]:
    def task(*args: Any) -> None:
        task_id = str(current_task.request.id or "") if current_task else ""
        with log_context(task_id=task_id), recorded_run(parts.db, parts.clock, name):
            run(parts.refresh_regions(), celery, *args)
        parts.figures.flush_if_due()

    task.__name__ = run.__name__.lstrip("_")
    return task


TASKS = {
    TaskName.SEND_LETTERS: TaskSpec(_send_letters, Queue.LETTERS, EVERY_MINUTE),
    TaskName.PLAN_DUE: TaskSpec(_plan_due, Queue.PLANNING, EVERY_MINUTE),
    TaskName.START_SENDERS: TaskSpec(_start_senders, Queue.PLANNING, EVERY_MINUTE),
    TaskName.SEND_DELIVERIES: TaskSpec(_send_deliveries, Queue.SENDING),
    TaskName.PLAN_EDITION: TaskSpec(_plan_edition, Queue.PLANNING),
    TaskName.POLL_DUE_SOURCES: TaskSpec(_poll_due_sources, Queue.SOURCES, EVERY_MINUTE),
    TaskName.POLL_SOURCE: TaskSpec(_poll_source, Queue.SOURCES),
    TaskName.FETCH_PAGES: TaskSpec(_fetch_pages, Queue.SOURCES, EVERY_MINUTE),
    TaskName.TAG_WAITING: TaskSpec(upkeep_tasks.tag_waiting, Queue.UPKEEP, EVERY_MINUTE),
    TaskName.PRUNE_ARTICLES: TaskSpec(upkeep_tasks.prune_articles, Queue.UPKEEP, EVERY_HOUR),
    TaskName.COUNT_NEWS: TaskSpec(upkeep_tasks.count_news, Queue.UPKEEP, EVERY_HOUR),
    TaskName.IMPORT_SUBSCRIBERS: TaskSpec(upkeep_tasks.import_subscribers, Queue.UPKEEP, EVERY_MINUTE),
    TaskName.FORGET_UNCONFIRMED: TaskSpec(upkeep_tasks.forget_unconfirmed, Queue.UPKEEP, EVERY_HOUR),
    TaskName.ARCHIVE_DELIVERIES: TaskSpec(upkeep_tasks.archive_deliveries, Queue.UPKEEP, EVERY_HOUR),
    TaskName.DELETE_EXPIRED: TaskSpec(upkeep_tasks.delete_expired, Queue.UPKEEP, EVERY_HOUR),
    TaskName.READ_FEEDBACK: TaskSpec(upkeep_tasks.read_feedback, Queue.UPKEEP, EVERY_MINUTE),
    TaskName.POST_WEBHOOKS: TaskSpec(upkeep_tasks.post_webhooks, Queue.UPKEEP, EVERY_MINUTE),
    TaskName.SETTLE_REFUSALS: TaskSpec(upkeep_tasks.settle_refusals, Queue.UPKEEP, EVERY_MINUTE),
    TaskName.TAKE_MEASURES: TaskSpec(upkeep_tasks.take_measures, Queue.UPKEEP, EVERY_MINUTE),
    TaskName.FOLD_VISITS: TaskSpec(upkeep_tasks.fold_visits, Queue.UPKEEP, EVERY_MINUTE),
}


def _beat_schedule() -> dict[str, dict[str, Any]]:
    return {
        name.value: {"task": name.value, "schedule": spec.every, "options": {"queue": spec.queue.value}}
        for name, spec in TASKS.items()
        if spec.every is not None
    }
