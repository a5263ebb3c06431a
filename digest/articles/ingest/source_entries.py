"""From what a source sent to its entries: a feed's own, a page's and its lists', and those of an index's sitemaps."""

from dataclasses import replace
from datetime import UTC, datetime

from digest.articles.ingest.polite_fetch import ask
from digest.database import Database
from digest.sources.documents import read_safely
from digest.sources.http.fetch import Fetched, FetchFailed
from digest.sources.http.robots import Asker
from digest.sources.pure.entries import Entry, NotAFeedError, ParsedSource
from digest.sources.pure.feeds.feed_limits import MAX_ENTRIES
from digest.sources.pure.feeds.feed_parser import parse_safely
from digest.sources.pure.pages.parsed_page import ParsedPage

MOST_CHILDREN = 3  # sitemaps of an index at one poll; news are in the newest
PATIENCE = 5.0  # seconds that a child waits for its host's turn
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def read_document(db: Database, asker: Asker, kind: str, answer: Fetched) -> ParsedSource:
    """The entries of what a source of a `kind` sent. Raises `NotAFeedError`.

    A web page is refused unless the source is one: feeds that answer with an error page or a sign-in are common.
    """
    if kind == "page":
        read = read_safely(answer.body, url=answer.url, content_type=answer.content_type, now=asker.clock())
        return read.as_source(answer.url) if isinstance(read, ParsedPage) else read
    parsed = parse_safely(answer.body, url=answer.url, content_type=answer.content_type)
    return follow(db, asker, parsed) if parsed.children else parsed


def follow(db: Database, asker: Asker, index: ParsedSource) -> ParsedSource:
    """The newest sitemaps of an index together, newest pages first. Raises `NotAFeedError` if none can be read."""
    found: list[ParsedSource] = []
    problems: list[str] = []
    for url in index.children[:MOST_CHILDREN]:
        answer = ask(db, asker, url, page=False, patience=PATIENCE)
        if isinstance(answer, Fetched):
            try:
                found.append(parse_safely(answer.body, url=answer.url, content_type=answer.content_type))
            except NotAFeedError as error:
                problems.append(f"{url}: {error}")
        else:
            reason = answer.reason if isinstance(answer, FetchFailed) else "its host is busy"
            problems.append(f"{url}: {reason}")
    if not found:
        raise NotAFeedError(f"none of the sitemaps that this index names can be read: {'; '.join(problems)}")
    entries = {entry.link: entry for one in found for entry in one.entries}
    newest = sorted(entries.values(), key=_moment, reverse=True)[:MAX_ENTRIES]
    return replace(
        index,
        title=next((one.title for one in found if one.title), ""),
        language=next((one.language for one in found if one.language), ""),
        entries=tuple(newest),
        warnings=(*index.warnings, *problems, *(words for one in found for words in one.warnings)),
    )


def _moment(entry: Entry) -> datetime:
    return entry.published or entry.updated or LONG_AGO
