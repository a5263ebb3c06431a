"""Reading the pages of articles that a list or a sitemap named without their text."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from digest.articles.ingest.polite_fetch import ask
from digest.articles.ingest.source_poll import Reader
from digest.articles.pure.cleaning import TITLE, excerpt
from digest.articles.pure.drafts import NEWS_AGE, TEXT_KEPT
from digest.articles.store import articles as store
from digest.articles.store import unread_pages as waiting
from digest.articles.store.unread_pages import Unread
from digest.database import Database, serialise
from digest.sources.documents import read_safely
from digest.sources.http.fetch import Fetched
from digest.sources.pure.entries import NotAFeedError
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.urls import host_of

log = logging.getLogger(__name__)
AT_ONCE = 200  # articles looked for at a time
TRIES = 2  # at a page; what it does not give twice it will not give
AGAIN = timedelta(minutes=30)  # after a try that failed
PATIENCE = 6.0  # seconds that a page waits for its host's turn


def visit_due(db: Database, reader: Reader, *, at_once: int, until: datetime) -> int:
    """Read the pages of fresh articles without text, `at_once` hosts at a time and each host's one by one.

    Nothing new is begun after `until`. Any number of these may run at once: a host has one turn at a time, and an
    article is claimed before its page is asked for. Returns how many pages were read.
    """
    now = reader.clock()
    with db.read() as tx:
        unread = waiting.unread(tx, now - NEWS_AGE, tried_before=now - AGAIN, tries=TRIES, limit=AT_ONCE)
    by_host: dict[str, list[Unread]] = {}
    for article in unread:
        by_host.setdefault(host_of(article.url), []).append(article)
    with ThreadPoolExecutor(max(1, at_once), thread_name_prefix="visit") as pool:
        rows = pool.map(lambda some: _visit_host(db, reader, some, until), by_host.values())
        return sum(rows)


def _visit_host(db: Database, reader: Reader, articles: Sequence[Unread], until: datetime) -> int:
    """Read the pages of one host after the other; returns how many gave a text."""
    read = 0
    for article in articles:
        if reader.clock() >= until:
            break
        with db.begin() as tx:
            claimed = waiting.claim_reading(
                tx, article.id, reader.clock(), tried_before=reader.clock() - AGAIN
            )
        if not claimed:
            continue
        answer = ask(db, reader, article.url, page=True, patience=PATIENCE)
        if answer is None:  # the host is busy or paused: its turn comes again
            with db.begin() as tx:
                waiting.give_back_reading(tx, article.id)
            break
        if isinstance(answer, Fetched) and (page := _read(reader, answer)):
            _save(db, reader, article, page)
            read += 1
    return read


def _read(reader: Reader, answer: Fetched) -> ParsedPage | None:
    """The article at the page; None if there is none."""
    try:
        page = read_safely(answer.body, url=answer.url, content_type=answer.content_type, now=reader.clock())
    except NotAFeedError as error:
        log.info("no article at %s: %s", answer.url, error)
        return None
    return page if isinstance(page, ParsedPage) and page.body else None


def _save(db: Database, reader: Reader, known: Unread, page: ParsedPage) -> None:
    """Give an article its page's text, and the tags that follow from it."""
    text = page.body[:TEXT_KEPT]
    tags = reader.tagger.tag(known.title, text, home=known.home or None)
    short = excerpt(text, "", known.excerpt_length) if known.excerpt_length else ""
    with db.begin() as tx:
        serialise(tx, "intake")
        article = store.by_id(tx, known.id)
        if article.text:  # its source gave one meanwhile
            return
        article.text, article.excerpt = text, short
        if article.title == article.url:  # a plain sitemap names no titles
            article.title = page.headline[:TITLE] or article.title
        article.author = article.author or page.author[:200]
        if not article.image_url:
            article.image_url = page.image
            article.image_width, article.image_height = page.image_size or (None, None)
        article.language = article.language or page.language
        if not article.retagged:
            store.set_tags(tx, [(article, tags)], reader.clock())
