"""Polls one source: fetches its document, parses it, tags its entries and writes its articles."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.articles.ingest import article_upsert
from digest.articles.ingest.article_upsert import UpsertCounts
from digest.articles.ingest.host_turns import HOST_LEASE, host_checks, pause_host, release_host
from digest.articles.ingest.poll_records import failed_poll, read_poll, unchanged_poll, unreadable_poll
from digest.articles.ingest.source_entries import home_of, read_source_entries
from digest.articles.pure.document_notes import document_notes
from digest.articles.pure.drafts import DraftedDocument, draft_articles
from digest.articles.recent_reports import RecentReports
from digest.articles.source_status import article_rate, source_history
from digest.articles.store import articles as store
from digest.clock import Clock
from digest.database import Database, Tx
from digest.errors import InvalidInputError
from digest.regions.known_exclusions import KnownExclusions
from digest.regions.pure.exclusions import Exclusions
from digest.regions.pure.tagger import Tagger
from digest.sources.http.fetch import Fetcher
from digest.sources.http.results import Fetched, FetchFailed, NotModified, Validators
from digest.sources.http.robots import RobotsCache
from digest.sources.models import Source
from digest.sources.pure.entries import ParsedSource
from digest.sources.pure.feeds.skip_hours import SkipSchedule
from digest.sources.pure.naming.source_name import is_poor_title, name_source
from digest.sources.pure.schedule.moves import PermanentMove, record_redirect
from digest.sources.pure.schedule.next_poll import PollHistory, next_poll
from digest.sources.pure.schedule.rates import estimate_rate
from digest.sources.pure.schedule.source_health import TRANSIENT_FAILURES
from digest.sources.pure.urls import host_of
from digest.sources.states import SourceKind
from digest.sources.store import hosts, polls, sources
from digest.sources.store.sources import DocumentMetadata, PollResult
from digest.webhooks.recording import record
from digest.webhooks.states import EventType

FAILURES_OF_TROUBLE = TRANSIENT_FAILURES + 1  # in a row
# After this time the source of a worker that died can be claimed again: enough for 30 s of fetching, waiting for a
# parser, and 20 s of parsing on a very busy machine.
SOURCE_LEASE = timedelta(minutes=10)
MAX_HOST_CHECKS = 12  # their sleeps add up to a little more than the gap between two requests to a host


@dataclass(frozen=True, slots=True)
class IngestContext:
    """What polling needs, apart from the database."""

    fetcher: Fetcher
    tagger: Tagger
    poll_interval: timedelta  # the usual one; a source may have a longer one
    clock: Clock
    recent_reports: RecentReports = field(default_factory=RecentReports)
    robots: RobotsCache = field(default_factory=RobotsCache)
    exclusions: KnownExclusions = field(default_factory=KnownExclusions)


@dataclass(frozen=True, slots=True)
class PollReport:
    """What a poll did, for logs and for the person who asked for it."""

    source_id: int
    url: str
    new: int = 0
    updated: int = 0
    held: int = 0
    unchanged: bool = False
    error: str = ""
    warnings: tuple[str, ...] = ()


def poll_source(
    db: Database, context: IngestContext, source_id: int, *, forced: bool = False
) -> PollReport | None:
    """Poll one source once, and wait some seconds if its host is busy.

    None if the source is not due (perhaps because another worker polls it), unless `forced`. None also if its host
    stays busy: the source is then made due, so that the poller polls it.
    """
    for _ in host_checks(MAX_HOST_CHECKS):
        with db.begin() as tx:
            candidate = (source_id, sources.by_id(tx, source_id).host)
            claimed = claim_sources(tx, [candidate], context.clock(), forced=forced)
            if not (claimed or forced or sources.is_due(tx, source_id, context.clock())):
                return None
        if claimed:
            return poll_claimed(db, context, claimed[0])
    with db.begin() as tx:
        sources.make_due(tx, [source_id], context.clock())
    return None


def claim_sources(
    tx: Tx, candidates: Sequence[tuple[int, str]], now: datetime, *, forced: bool = False
) -> list[Source]:
    """Claim sources together with their hosts, and return them; sources of busy hosts are left out.

    `candidates` are source ids, each with the host of the source.
    """
    free_hosts = hosts.claim(tx, [host for _, host in candidates], now, lease=HOST_LEASE)
    ids = [source_id for source_id, host in candidates if host in free_hosts]
    claimed = list(sources.claim(tx, ids, now, lease=SOURCE_LEASE, forced=forced)) if ids else []
    for host in free_hosts - {source.host for source in claimed}:
        hosts.release(tx, host, now, gap=timedelta())
    return claimed


def poll_claimed(db: Database, context: IngestContext, source: Source) -> PollReport:
    """Poll a source that was claimed together with its host, and release both."""
    validators = Validators(source.etag, source.last_modified)
    if source.kind == SourceKind.PAGE:  # robots.txt is obeyed for pages only: feeds are meant for programs
        answer = context.robots.fetch(context.fetcher, source.url, context.clock(), validators)
    else:
        answer = context.fetcher.fetch(source.url, validators)
    match answer:
        case NotModified():
            return _record_unchanged(db, context, source, answer)
        case FetchFailed():
            return _record_failure(db, context, source, answer)
        case Fetched() if answer.spooled_body.sha256 == source.body_hash:
            return _record_unchanged(db, context, source, answer)
        case Fetched():
            with db.begin() as tx:  # parsing may take a while, and the host need not wait for it
                release_host(tx, source.host, context.clock())
            return _ingest_document(db, context, source, answer)


def _record_unchanged(
    db: Database, context: IngestContext, source: Source, answer: NotModified | Fetched
) -> PollReport:
    now = context.clock()
    validators = answer.validators
    document = DocumentMetadata(validators.etag, validators.last_modified, source.body_hash, changed=False)
    rate = article_rate(source)
    history = PollHistory(
        now,
        ttl=timedelta(seconds=source.ttl),
        fresh_for=answer.fresh_for,
        retry_after=answer.retry_after,
        per_day=rate.per_day(now),
        skips=_skip_schedule(source),
    )
    result = PollResult(
        _next_poll_at(context, history),
        document=document,
        move=_permanent_move(source, answer, now),
        rate=rate.after_poll(0, now) if source.last_success_at else None,
    )
    with db.begin() as tx:
        sources.record_poll(tx, source.id, result, now)
        polls.add(tx, source.id, unchanged_poll(answer), now)
        release_host(tx, source.host, context.clock())
    return PollReport(source.id, source.url, unchanged=True)


def _record_failure(db: Database, context: IngestContext, source: Source, answer: FetchFailed) -> PollReport:
    now = context.clock()
    history = PollHistory(
        now, source.failures + 1, retry_after=answer.retry_after, skips=_skip_schedule(source)
    )
    result = PollResult(_next_poll_at(context, history), error=answer.reason, gone=answer.gone)
    with db.begin() as tx:
        sources.record_poll(tx, source.id, result, now)
        polls.add(tx, source.id, failed_poll(answer), now)
        _tell_of_trouble(tx, source, answer.reason, now, gone=answer.gone)
        release_host(tx, source.host, context.clock())
        pause_host(tx, answer.host or source.host, answer, now)
    return PollReport(source.id, source.url, error=answer.reason)


def _ingest_document(db: Database, context: IngestContext, source: Source, answer: Fetched) -> PollReport:
    """Write the articles of a new document, and what the document says about its source."""
    try:
        parsed = read_source_entries(db, context, source.kind, answer)
    except InvalidInputError as error:
        return record_unreadable(db, context, source, str(error), answer)
    known = context.exclusions.current
    drafted = _draft(context, source, parsed, known)
    with db.begin() as tx:
        store.lock_ingest(tx)  # two sources may bring the same address or headline at once
        if not sources.by_ids(tx, [source.id]):
            return PollReport(source.id, source.url, error="the source was deleted while it was read")
        if (newest := context.exclusions.refresh(tx)) is not known:
            drafted = _draft(context, source, parsed, newest)
        # Read as late as possible, when there is nothing left to wait for: an edition's cutoff must never be later than
        # `seen_at` of an article that is not committed yet.
        seen_at = context.clock()
        counts = article_upsert.upsert_articles(
            tx,
            source.id,
            drafted.drafts,
            seen_at=seen_at,
            language=parsed.language,
            history=source_history(tx, source, seen_at),
            recent_reports=context.recent_reports,
        )
        parsed = replace(parsed, warnings=document_notes(parsed.warnings, drafted, counts.repeated))
        sources.record_poll(tx, source.id, _success_result(source, context, answer, parsed, counts), seen_at)
        polls.add(tx, source.id, read_poll(answer, parsed, counts), seen_at)
        if counts.held:
            record(tx, EventType.ARTICLES_HELD, seen_at, source=source.id, count=counts.held)
    return PollReport(
        source.id, source.url, counts.new, counts.updated, counts.held, warnings=parsed.warnings
    )


def _draft(
    context: IngestContext, source: Source, parsed: ParsedSource, exclusions: Exclusions
) -> DraftedDocument:
    return draft_articles(
        parsed.entries,
        context.tagger.excluding(exclusions.of_source(source.id)),
        home=home_of(source, parsed) or None,
        seen_at=context.clock(),
        language=parsed.language,
        excerpt_length=source.excerpt_length,
    )


def record_unreadable(
    db: Database, context: IngestContext, source: Source, reason: str, answer: Fetched | None = None
) -> PollReport:
    """Record that the document of a source could not be read, as a failure of the source."""
    now = context.clock()
    result = PollResult(_next_poll_at(context, PollHistory(now, source.failures + 1)), error=reason)
    with db.begin() as tx:
        sources.record_poll(tx, source.id, result, now)
        polls.add(tx, source.id, unreadable_poll(answer, reason), now)
        _tell_of_trouble(tx, source, reason, now)
    return PollReport(source.id, source.url, error=reason)


def _tell_of_trouble(tx: Tx, source: Source, reason: str, now: datetime, *, gone: bool = False) -> None:
    """Tell webhooks of a source that can't be read: once in a row of failures, or when its publisher ends it."""
    if gone or source.failures + 1 == FAILURES_OF_TROUBLE:
        record(tx, EventType.SOURCE_IN_TROUBLE, now, id=source.id, reason=reason)


def _success_result(
    source: Source, context: IngestContext, answer: Fetched, parsed: ParsedSource, counts: UpsertCounts
) -> PollResult:
    now = context.clock()
    dates = [entry.published or entry.updated for entry in parsed.entries]
    if source.last_success_at is None:
        rate = estimate_rate(filter(None, dates), now)
    else:
        rate = article_rate(source).after_poll(counts.new, now)
    history = PollHistory(
        now,
        ttl=parsed.ttl,
        fresh_for=answer.fresh_for,
        retry_after=answer.retry_after,
        per_day=rate.per_day(now),
        skips=parsed.skips,
    )
    document = DocumentMetadata(
        etag=answer.validators.etag,
        last_modified=answer.validators.last_modified,
        body_hash=answer.spooled_body.sha256,
        title=name_source(parsed.title, link=parsed.link, url=source.url),
        poor_title=(parsed.title or source.url) if is_poor_title(parsed.title) else "",
        link=parsed.link,
        language=parsed.language,
        home=home_of(source, parsed),
        ttl=parsed.ttl or timedelta(),
        skips=parsed.skips,
        new_articles=counts.new + counts.held,
        notes=parsed.warnings,
    )
    move = _permanent_move(source, answer, now)
    return PollResult(_next_poll_at(context, history), document=document, move=move, rate=rate)


def _skip_schedule(source: Source) -> SkipSchedule:
    return SkipSchedule(source.skip_hours, source.skip_days)


def _permanent_move(source: Source, answer: NotModified | Fetched, now: datetime) -> PermanentMove:
    """What is known of a move of the source, this answer's redirect included."""
    previous = PermanentMove(source.moved_to, source.moved_seen, source.moved_at)
    target = answer.permanent_url
    return record_redirect(
        previous, target if target and host_of(target) and target != source.url else None, now
    )


def _next_poll_at(context: IngestContext, history: PollHistory) -> datetime:
    return next_poll(history, every=context.poll_interval, jitter=random.random())  # noqa: S311 -- spreads load, no secret
