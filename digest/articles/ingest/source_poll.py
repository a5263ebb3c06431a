"""Looking at a source and taking in what it has: fetch, parse, tag, save."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.articles.ingest import article_upsert
from digest.articles.ingest.article_upsert import Saved
from digest.articles.ingest.source_entries import read_document
from digest.articles.pure.drafts import drafts
from digest.articles.pure.flood_rules import Past
from digest.articles.store import articles as store
from digest.articles.story_assignment import Newsroom
from digest.database import Database, Tx, serialise
from digest.errors import InvalidInputError
from digest.regions.pure.tagger import Tagger
from digest.sources.http.fetch import Fetched, Fetcher, FetchFailed, NotModified, Validators
from digest.sources.http.robots import Robots
from digest.sources.models import Source
from digest.sources.pure.entries import ParsedSource
from digest.sources.pure.feeds.skip_hours import Skips
from digest.sources.pure.schedule.moves import Move, confirm
from digest.sources.pure.schedule.next_poll import GAP, PollHistory, next_poll, pause
from digest.sources.pure.schedule.rates import DAY, Rate, rate_of_dates
from digest.sources.pure.urls import host_of
from digest.sources.store import hosts, sources
from digest.sources.store.sources import PollResult, Taken

LEASE = timedelta(minutes=10)  # of a source: 30 s of fetching, waiting for a parser, and 20 s of parsing
HOST_LEASE = timedelta(minutes=2)  # of a host: 30 s of fetching, on a machine that is very busy
TURN = 0.25  # seconds between two looks whether a host is free
TURNS = 12  # looks: together a little longer than the gap between two requests


@dataclass(frozen=True, slots=True)
class Reader:
    """What it takes to read sources: the fetcher, the tagger, the usual interval, the clock, and what is known."""

    fetcher: Fetcher
    tagger: Tagger
    every: timedelta
    clock: Callable[[], datetime]
    newsroom: Newsroom = field(default_factory=Newsroom)
    robots: Robots = field(default_factory=Robots)


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll did, for logs and for the person who asked for it."""

    source_id: int
    url: str
    new: int = 0
    updated: int = 0
    held: int = 0
    unchanged: bool = False
    error: str = ""
    warnings: tuple[str, ...] = ()


def poll(db: Database, reader: Reader, source_id: int, *, forced: bool = False) -> Polled | None:
    """Look at one source once, waiting some seconds for its host's turn. None when it was not due (somebody else
    has it), or when its host has no time; the poller will come to it."""
    for turn in range(TURNS):
        time.sleep(TURN if turn else 0)
        with db.begin() as tx:
            claimed = claim(tx, [(source_id, _host(tx, source_id))], reader.clock(), forced=forced)
            if not (claimed or forced or sources.is_due(tx, source_id, reader.clock())):
                return None
        if claimed:
            return read(db, reader, claimed[0])
    with db.begin() as tx:
        sources.hurry(tx, [source_id], reader.clock())
    return None


def claim(tx: Tx, turns: list[tuple[int, str]], now: datetime, *, forced: bool = False) -> list[Source]:
    """Take sources, given with their hosts, together with the hosts; only those of hosts that are free."""
    free = hosts.claim(tx, [host for _, host in turns], now, lease=HOST_LEASE)
    ids = [source_id for source_id, host in turns if host in free]
    claimed = list(sources.claim(tx, ids, now, lease=LEASE, forced=forced)) if ids else []
    for host in free - {source.host for source in claimed}:
        hosts.release(tx, host, now, gap=timedelta())
    return claimed


def read(db: Database, reader: Reader, source: Source) -> Polled:
    """Look at a source that was claimed with its host, and give both back."""
    validators = Validators(source.etag, source.last_modified)
    if source.kind == "page":  # robots.txt is for those who read pages; feeds are there for programs
        answer = reader.robots.fetch(reader.fetcher, source.url, reader.clock(), validators)
    else:
        answer = reader.fetcher.fetch(source.url, validators)
    match answer:
        case NotModified():
            return _unchanged(db, reader, source, answer)
        case FetchFailed():
            return _failed(db, reader, source, answer)
        case Fetched() if answer.kept.digest == source.body_hash:
            return _unchanged(db, reader, source, answer)
        case Fetched():
            with db.begin() as tx:  # parsing may take a while, and the host need not wait for it
                _release(tx, reader, source)
            return _take(db, reader, source, answer)


def _host(tx: Tx, source_id: int) -> str:
    return sources.by_id(tx, source_id).host


def _release(tx: Tx, reader: Reader, source: Source) -> None:
    gap = timedelta(seconds=random.uniform(*GAP))  # noqa: S311 -- spreads load, no secret
    hosts.release(tx, source.host, reader.clock(), gap=gap)


def _unchanged(db: Database, reader: Reader, source: Source, answer: NotModified | Fetched) -> Polled:
    now = reader.clock()
    validators = answer.validators
    same = Taken(validators.etag, validators.last_modified, source.body_hash, changed=False)
    result = PollResult(
        _next(reader, _wishes(source, reader, answer)),
        taken=same,
        move=_move(source, answer, now),
        rate=_rate(source).after(0, now) if source.last_success_at else None,
    )
    with db.begin() as tx:
        sources.record(tx, source.id, result, now)
        _release(tx, reader, source)
    return Polled(source.id, source.url, unchanged=True)


def _failed(db: Database, reader: Reader, source: Source, answer: FetchFailed) -> Polled:
    now = reader.clock()
    again = _next(
        reader,
        PollHistory(
            now,
            source.failures + 1,
            retry_after=answer.retry_after,
            skips=Skips(source.skip_hours, source.skip_days),
        ),
    )
    with db.begin() as tx:
        sources.record(tx, source.id, PollResult(again, error=answer.reason, gone=answer.gone), now)
        _release(tx, reader, source)
        if wait := pause(answer.status, answer.retry_after):
            hosts.pause(tx, answer.host or source.host, now + wait, answer.reason)
    return Polled(source.id, source.url, error=answer.reason)


def _take(db: Database, reader: Reader, source: Source, answer: Fetched) -> Polled:
    try:
        parsed = read_document(db, reader, source.kind, answer)
    except InvalidInputError as error:
        return unreadable(db, reader, source, str(error))
    found, left_out = drafts(
        parsed.entries,
        reader.tagger,
        home=source.home or None,
        seen_at=reader.clock(),
        excerpt_length=source.excerpt_length,
    )
    with db.begin() as tx:
        serialise(tx, "intake")  # two sources may bring the same address or headline at once
        if not sources.some(tx, [source.id]):
            return Polled(source.id, source.url, error="the source was deleted while it was read")
        # Stamped as late as can be, when nothing is left to wait for: a cutoff must not pass what is not yet visible.
        seen_at = reader.clock()
        past = Past(
            _rate(source).usual(seen_at),
            store.count_fresh(tx, source.id, seen_at - DAY),
            source.last_success_at,
        )
        saved = article_upsert.save(
            tx,
            source.id,
            found,
            seen_at=seen_at,
            language=parsed.language,
            past=past,
            newsroom=reader.newsroom,
        )
        sources.record(tx, source.id, _success(source, reader, answer, parsed, saved), seen_at)
    return Polled(
        source.id, source.url, saved.new, saved.updated, saved.held, warnings=(*parsed.warnings, *left_out)
    )


def unreadable(db: Database, reader: Reader, source: Source, reason: str) -> Polled:
    """Note that what a source sent could not be taken in."""
    again = _next(reader, PollHistory(reader.clock(), source.failures + 1))
    with db.begin() as tx:
        sources.record(tx, source.id, PollResult(again, error=reason), reader.clock())
    return Polled(source.id, source.url, error=reason)


def _success(
    source: Source, reader: Reader, answer: Fetched, parsed: ParsedSource, saved: Saved
) -> PollResult:
    now = reader.clock()
    first = source.last_success_at is None
    dates = [entry.published or entry.updated for entry in parsed.entries]
    rate = rate_of_dates(filter(None, dates), now) if first else _rate(source).after(saved.new, now)
    history = PollHistory(
        now,
        ttl=parsed.ttl,
        fresh_for=answer.fresh_for,
        retry_after=answer.retry_after,
        per_day=rate.usual(now),
        skips=parsed.skips,
    )
    taken = Taken(
        etag=answer.validators.etag,
        last_modified=answer.validators.last_modified,
        body_hash=answer.kept.digest,
        title=parsed.title,
        link=parsed.link,
        language=parsed.language,
        ttl=parsed.ttl or timedelta(),
        skips=parsed.skips,
        new=saved.new + saved.held,
    )
    return PollResult(_next(reader, history), taken=taken, move=_move(source, answer, now), rate=rate)


def _wishes(source: Source, reader: Reader, answer: NotModified | Fetched) -> PollHistory:
    """What the source asked for with its last document, and this answer asks for."""
    now = reader.clock()
    return PollHistory(
        now,
        ttl=timedelta(seconds=source.ttl),
        fresh_for=answer.fresh_for,
        retry_after=answer.retry_after,
        per_day=_rate(source).usual(now),
        skips=Skips(source.skip_hours, source.skip_days),
    )


def _rate(source: Source) -> Rate:
    return Rate(source.rate, source.watched_since, source.last_success_at)


def _move(source: Source, answer: NotModified | Fetched, now: datetime) -> Move:
    known = Move(source.moved_to, source.moved_seen, source.moved_at)
    led_to = answer.permanent_url
    return confirm(known, led_to if led_to and host_of(led_to) and led_to != source.url else None, now)


def _next(reader: Reader, history: PollHistory) -> datetime:
    return next_poll(history, every=reader.every, jitter=random.random())  # noqa: S311 -- spreads load, no secret
