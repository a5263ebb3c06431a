"""Looking at a source and taking in what it has: fetch, parse, tag, save."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.articles import store
from digest.articles.drafts import Draft, drafts, moved
from digest.articles.models import Article, Story
from digest.articles.stories import WINDOW, title_key
from digest.database import Database, Tx, serialise
from digest.errors import InvalidInputError
from digest.regions.tagging import Tagger
from digest.sources import store as sources
from digest.sources.entries import ParsedSource
from digest.sources.fetching import Fetched, Fetcher, FetchFailed, NotModified, Validators
from digest.sources.models import Source
from digest.sources.parsing import parse_safely
from digest.sources.polling import PollHistory, next_poll
from digest.sources.store import PollResult

LEASE = timedelta(minutes=5)  # a poll takes at most 30 s of fetching and 20 s of parsing


@dataclass(frozen=True, slots=True)
class Reader:
    """What it takes to read sources: the fetcher, the tagger, the usual interval and the clock."""

    fetcher: Fetcher
    tagger: Tagger
    every: timedelta
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll did, for logs and for the person who asked for it."""

    source_id: int
    url: str
    new: int = 0
    updated: int = 0
    unchanged: bool = False
    error: str = ""
    warnings: tuple[str, ...] = ()


def poll(db: Database, reader: Reader, source_id: int, *, forced: bool = False) -> Polled | None:
    """Look at one source once; None when it was not due (somebody else has it)."""
    with db.begin() as tx:
        source = sources.claim(tx, source_id, reader.clock(), lease=LEASE, forced=forced)
    if source is None:
        return None
    answer = reader.fetcher.fetch(source.url, Validators(source.etag, source.last_modified))
    match answer:
        case NotModified():
            return _record(
                db,
                reader,
                source,
                PollResult(_next(source, reader)),
                Polled(source.id, source.url, unchanged=True),
            )
        case FetchFailed():
            again = _next(source, reader, failed=True, retry_after=answer.retry_after)
            result = PollResult(again, error=answer.reason, gone=answer.gone)
            return _record(db, reader, source, result, Polled(source.id, source.url, error=answer.reason))
        case Fetched():
            return _take(db, reader, source, answer)


def _take(db: Database, reader: Reader, source: Source, answer: Fetched) -> Polled:
    try:
        parsed = parse_safely(answer.body, url=answer.url, content_type=answer.content_type)
    except InvalidInputError as error:
        result = PollResult(_next(source, reader, failed=True), error=str(error))
        return _record(db, reader, source, result, Polled(source.id, source.url, error=str(error)))
    found, left_out = drafts(parsed.entries, reader.tagger, home=source.home or None, seen_at=reader.clock())
    with db.begin() as tx:
        serialise(tx, "intake")  # two sources may bring the same address or headline at once
        # Stamped as late as can be, when nothing is left to wait for: a cutoff must not pass what is not yet visible.
        seen_at = reader.clock()
        new, updated = save(tx, source.id, found, seen_at=seen_at, language=parsed.language)
        sources.record(tx, source.id, _success(source, reader, answer, parsed), seen_at)
    warnings = (*parsed.warnings, *left_out)
    return Polled(source.id, source.url, new=new, updated=updated, warnings=warnings)


def save(
    tx: Tx, source_id: int, found: Sequence[Draft], *, seen_at: datetime, language: str
) -> tuple[int, int]:
    """Write drafts as articles: new ones join or open a story, known ones are updated. Returns how many of each.

    One transaction at a time may do this.
    """
    urls = [d.url for d in found]
    known = store.known(tx, source_id, [*(d.guid for d in found), *urls], urls)
    by_guid = {a.guid: a for a in known if a.source_id == source_id}
    by_url = {a.url: a for a in known}
    new = updated = 0
    # Feeds list the newest first; taken in from the oldest on, ids follow time.
    for draft in reversed(found):
        article = by_url.get(draft.url) or _moved(by_guid.get(draft.guid), draft)
        if article is None:
            guid = draft.url if draft.guid in by_guid else draft.guid  # taken: its source uses guids again
            if guid not in by_guid:
                fresh = replace(draft, guid=guid)
                article = _add(tx, source_id, fresh, seen_at=seen_at, language=language)
                by_guid[article.guid] = by_url[article.url] = article
                new += 1
        elif article.source_id == source_id and _differs(article, draft):
            _update(tx, article, draft, seen_at)
            updated += 1
    return new, updated


def _moved(article: Article | None, draft: Draft) -> Article | None:
    """The article with the draft's guid, if it is the same one at a new address."""
    if article is None or not moved(draft, title=article.title, published_at=article.published_at):
        return None
    return article


def _differs(article: Article, draft: Draft) -> bool:
    return (article.content_hash, article.url) != (draft.content_hash, draft.url)


def _add(tx: Tx, source_id: int, draft: Draft, *, seen_at: datetime, language: str) -> Article:
    article = Article(
        source_id=source_id,
        url=draft.url,
        guid=draft.guid,
        title=draft.title,
        excerpt=draft.excerpt,
        text=draft.text,
        author=draft.author,
        language=language,
        published_at=draft.published_at,
        date_source=draft.date_source,
        seen_at=seen_at,
        content_hash=draft.content_hash,
    )
    if draft.is_news(seen_at):
        article.story = _story(tx, source_id, draft, seen_at)
    store.add(tx, article, draft.tags)
    tx.flush()
    return article


def _story(tx: Tx, source_id: int, draft: Draft, seen_at: datetime) -> Story:
    key = title_key(draft.title)
    same = store.story_with_title(tx, key, seen_at - WINDOW, not_of=source_id) if key else None
    if same is None:
        return Story(first_seen_at=seen_at, title_key=key)
    same.version += 1
    return same


def _update(tx: Tx, article: Article, draft: Draft, now: datetime) -> None:
    article.title, article.excerpt, article.text = draft.title, draft.excerpt, draft.text
    article.author, article.content_hash, article.url = draft.author, draft.content_hash, draft.url
    if article.retagged:
        store.touch_story(tx, article.story_id)
    else:
        store.set_tags(tx, article, draft.tags, now)


def _success(source: Source, reader: Reader, answer: Fetched, parsed: ParsedSource) -> PollResult:
    return PollResult(
        _next(source, reader, ttl=parsed.ttl),
        etag=answer.validators.etag,
        last_modified=answer.validators.last_modified,
        title=parsed.title,
        link=parsed.link,
        language=parsed.language,
        changed=True,
    )


def _next(
    source: Source,
    reader: Reader,
    *,
    failed: bool = False,
    ttl: timedelta | None = None,
    retry_after: timedelta | None = None,
) -> datetime:
    history = PollHistory(
        last_polled=reader.clock(),
        failures=source.failures + 1 if failed else 0,
        ttl=ttl,
        retry_after=retry_after,
    )
    return next_poll(history, every=reader.every, jitter=random.random())  # noqa: S311  (spreads load, no secret)


def _record(db: Database, reader: Reader, source: Source, result: PollResult, polled: Polled) -> Polled:
    with db.begin() as tx:
        sources.record(tx, source.id, result, reader.clock())
    return polled
