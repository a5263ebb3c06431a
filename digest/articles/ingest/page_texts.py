"""Fetches the pages of articles that a list or a sitemap named without their text."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from digest.articles.ingest.polite_fetch import fetch_politely
from digest.articles.ingest.source_poll import IngestContext
from digest.articles.kind_assignment import apply_verdict, classify_article
from digest.articles.pure.cleaning import AUTHOR_LENGTH, TITLE_LENGTH, make_excerpt
from digest.articles.pure.drafts import MAX_FRESH_AGE, MAX_TEXT_LENGTH
from digest.articles.pure.voices import with_agency
from digest.articles.store import articles as store
from digest.articles.store import missing_texts
from digest.articles.store.missing_texts import ArticleWithoutText
from digest.database import Database
from digest.regions.pure.exclusions import Exclusions
from digest.regions.pure.tagger import RegionTags
from digest.sources.documents import parse_document_isolated
from digest.sources.http.results import Fetched
from digest.sources.pure.entries import DocumentError
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.urls import host_of

log = logging.getLogger(__name__)
BATCH_SIZE = 200  # articles of one run
MAX_TRIES = 2  # per page; a page that gave no text twice is given up
RETRY_AFTER = timedelta(minutes=30)  # after a try that failed
MAX_HOST_WAIT = 6.0  # seconds to wait until the host of a page is free


def fetch_due_pages(db: Database, context: IngestContext, *, concurrency: int, until: datetime) -> int:
    """Fetch the pages of fresh articles without text, `concurrency` hosts at a time. Returns how many gave a text.

    The pages of one host are fetched one by one. No fetch begins after `until`. Any number of these calls may run at
    once, because a host has one turn at a time, and an article is claimed before its page is fetched.
    """
    now = context.clock()
    with db.read() as tx:
        found = missing_texts.articles_without_text(
            tx, now - MAX_FRESH_AGE, tried_before=now - RETRY_AFTER, max_tries=MAX_TRIES, limit=BATCH_SIZE
        )
    by_host: dict[str, list[ArticleWithoutText]] = {}
    for article in found:
        by_host.setdefault(host_of(article.url), []).append(article)
    with ThreadPoolExecutor(max(1, concurrency), thread_name_prefix="pages") as pool:
        return sum(
            pool.map(lambda articles: _fetch_pages_of_host(db, context, articles, until), by_host.values())
        )


def _fetch_pages_of_host(
    db: Database, context: IngestContext, articles: Sequence[ArticleWithoutText], until: datetime
) -> int:
    """Fetch pages of one host, one after the other. Returns how many gave a text."""
    count = 0
    for article in articles:
        if context.clock() >= until:
            break
        with db.begin() as tx:
            claimed = missing_texts.claim_page(
                tx, article.id, context.clock(), tried_before=context.clock() - RETRY_AFTER
            )
        if not claimed:
            continue
        answer = fetch_politely(db, context, article.url, obey_robots=True, max_wait=MAX_HOST_WAIT)
        if answer is None:  # the host is busy or paused: a later run fetches its pages
            with db.begin() as tx:
                missing_texts.release_page(tx, article.id)
            break
        if isinstance(answer, Fetched) and (page := _parse_page(context, answer)):
            _save_text(db, context, article, page)
            count += 1
    return count


def _parse_page(context: IngestContext, answer: Fetched) -> ParsedPage | None:
    """The page with its article; None if the page has no article."""
    try:
        page = parse_document_isolated(
            answer.body, url=answer.url, content_type=answer.content_type, now=context.clock()
        )
    except DocumentError as error:
        log.info("no article at %s: %s", answer.url, error)
        return None
    return page if isinstance(page, ParsedPage) and page.body else None


def _save_text(db: Database, context: IngestContext, listed: ArticleWithoutText, page: ParsedPage) -> None:
    """Give an article the text of its page, and the tags of that text."""
    text = page.body[:MAX_TEXT_LENGTH]
    excerpt = make_excerpt(
        text, "", listed.excerpt_length, title=listed.title, place_at_start=context.tagger.place_at_start
    )
    known = context.exclusions.current
    about = _find_regions(context, listed, text, known)
    with db.begin() as tx:
        store.lock_ingest(tx)
        article = store.by_id(tx, listed.id)
        if article.text:  # its source gave a text in the meantime
            return
        article.text, article.excerpt = text, excerpt
        if article.title == article.url:  # a plain sitemap names no titles
            article.title = page.headline[:TITLE_LENGTH] or article.title
        article.author = with_agency(article.author or page.author, text)[:AUTHOR_LENGTH]
        if not article.image_url:
            article.image_url = page.image
            article.image_width, article.image_height = page.image_size or (None, None)
        article.language = article.language or page.language
        apply_verdict(article, classify_article(article))
        if not article.retagged:
            if (newest := context.exclusions.refresh(tx)) is not known:
                about = _find_regions(context, listed, text, newest)
            tagged = store.TaggedArticle(article, about.countries, about.groups, about.exclusions)
            store.set_tags(tx, [tagged], context.clock())


def _find_regions(
    context: IngestContext, listed: ArticleWithoutText, text: str, exclusions: Exclusions
) -> RegionTags:
    tagger = context.tagger.excluding(exclusions.of_source(listed.source_id))
    return tagger.tag_regions(listed.title, text, home=listed.source_country or None)
