"""Reads the entries of what a source sent: a feed, a page and its lists, or an index of sitemaps."""

from dataclasses import replace
from datetime import datetime

from digest.articles.ingest.polite_fetch import fetch_politely
from digest.database import Database
from digest.errors import NewsroomText
from digest.regions.data_files import country_codes
from digest.sources.documents import parse_document_isolated, parse_feed_isolated
from digest.sources.http.results import Fetched, FetchFailed
from digest.sources.http.robots import FetchContext
from digest.sources.models import Source
from digest.sources.pure.entries import DocumentError, Entry, ParsedSource
from digest.sources.pure.feeds.feed_limits import MAX_ENTRIES
from digest.sources.pure.feeds.newest_entries import UNDATED
from digest.sources.pure.naming.home_country import home_country
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.states import SourceKind

MAX_CHILD_SITEMAPS = 3  # sitemaps of an index that are read at one poll; the newest ones have the news
MAX_HOST_WAIT = 5.0  # seconds to wait until the host of a child sitemap is free


def read_source_entries(
    db: Database, context: FetchContext, kind: SourceKind, answer: Fetched
) -> ParsedSource:
    """The entries of what a source of this kind sent. Raises `DocumentError`.

    A web page is refused unless the source is of kind page, because many feeds answer with an error or sign-in page.
    """
    if kind == SourceKind.PAGE:
        document = parse_document_isolated(
            answer.body, url=answer.url, content_type=answer.content_type, now=context.clock()
        )
        return document.as_source(answer.url) if isinstance(document, ParsedPage) else document
    parsed = parse_feed_isolated(answer.body, url=answer.url, content_type=answer.content_type)
    return read_child_sitemaps(db, context, parsed) if parsed.children else parsed


def read_child_sitemaps(db: Database, context: FetchContext, index: ParsedSource) -> ParsedSource:
    """Merge the newest sitemaps of an index, newest pages first. Raises `DocumentError` if none can be read."""
    sitemaps: list[ParsedSource] = []
    problems: list[str] = []
    for url in index.children[:MAX_CHILD_SITEMAPS]:
        answer = fetch_politely(db, context, url, obey_robots=False, max_wait=MAX_HOST_WAIT)
        if isinstance(answer, Fetched):
            try:
                sitemaps.append(
                    parse_feed_isolated(answer.body, url=answer.url, content_type=answer.content_type)
                )
            except DocumentError as error:
                problems.append(f"{url}: {error}")
        else:
            reason = answer.reason if isinstance(answer, FetchFailed) else NewsroomText("its host is busy")
            problems.append(f"{url}: {reason}")
    if not sitemaps:
        raise DocumentError(
            NewsroomText(
                "none of the sitemaps that this index names can be read: %(names)s", names="; ".join(problems)
            )
        )
    entries = {entry.link: entry for sitemap in sitemaps for entry in sitemap.entries}
    newest = sorted(entries.values(), key=_date_of, reverse=True)[:MAX_ENTRIES]
    warnings = [warning for sitemap in sitemaps for warning in sitemap.warnings]
    return replace(
        index,
        title=next((sitemap.title for sitemap in sitemaps if sitemap.title), ""),
        language=next((sitemap.language for sitemap in sitemaps if sitemap.language), ""),
        entries=tuple(newest),
        warnings=(*index.warnings, *problems, *warnings),
    )


def _date_of(entry: Entry) -> datetime:
    return entry.published or entry.updated or UNDATED


def home_of(source: Source, parsed: ParsedSource) -> str:
    """The source's country: the editor's, or until its first document is stored that of its host or language."""
    if source.home or source.last_success_at is not None:
        return source.home
    country = home_country(parsed.link, source.url, language=parsed.language)
    return country if country in country_codes() else ""
