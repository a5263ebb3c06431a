"""Making something a source: find what can be read from any address, add it, or take in a whole OPML list."""

from dataclasses import dataclass
from datetime import datetime

from digest.database import Database
from digest.errors import InvalidInputError
from digest.sources.documents import read_safely
from digest.sources.http.fetch import Answer, Fetched, FetchFailed, NotModified, refused
from digest.sources.http.robots import Asker
from digest.sources.pure.entries import NotAFeedError, ParsedSource
from digest.sources.pure.feeds.feed_parser import parse_safely
from digest.sources.pure.feeds.opml import OpmlSource, read_opml, write_opml
from digest.sources.pure.pages.feed_discovery import FoundFeed, feeds_in_page, feeds_linked
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.text.markup import web_url, without_fragment
from digest.sources.store import sources as store

MAX_SITEMAPS = 5  # of one site that are offered


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, a sitemap or a page that was fetched and could be read."""

    url: str
    parsed: ParsedSource

    @property
    def title(self) -> str:
        """What it calls itself; "" if it doesn't."""
        return self.parsed.title


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list's feeds."""

    added: int
    known: int
    left_out: int  # addresses that are never asked: not http or https, with a password, or not to be read


def find(asker: Asker, url: str, *, kind: str = "") -> Feed | tuple[FoundFeed, ...]:
    """What can be a source at an address; several (at least two) are for the user to choose from.

    A feed or sitemap itself; else the feeds that the page there names, else what it links to as feeds, the sitemaps of
    its site, and last the page itself, which `kind` "page" takes at once. Raises InvalidInputError with the reason
    when there is nothing to be had.
    """
    url = _with_scheme(url)
    if kind == "page":
        return _page(asker, url)
    answer = _fetched(asker.fetcher.fetch(url), url)
    try:
        return _feed(answer, url)
    except NotAFeedError as error:
        offered = _offered(asker, answer)
        if not offered:
            raise InvalidInputError(
                f"There is no feed at {answer.url}, and it names none: {error}."
            ) from error
    if len(offered) > 1:
        return offered
    only = offered[0]
    return (
        _page(asker, only.url)
        if only.kind == "page"
        else _feed(_fetched(asker.fetcher.fetch(only.url), only.url), only.url)
    )


def add(db: Database, feed: Feed, now: datetime) -> int:
    """Make what was found a source, due at once; raises ConflictError when it is one already. Returns its id."""
    with db.begin() as tx:
        return store.add(tx, without_fragment(feed.url), feed.title, now, kind=feed.parsed.kind).id


def import_opml(db: Database, body: bytes, now: datetime) -> Imported:
    """Make sources of all feeds of an OPML file that can be asked, due at once."""
    listed = read_opml(body)
    wanted: dict[str, OpmlSource] = {}
    left_out = 0
    for outline in listed:
        if url := _askable(outline):
            wanted.setdefault(url, outline)
        else:
            left_out += 1
    with db.begin() as tx:
        new = [url for url in wanted if store.by_url(tx, url) is None]
        for url in new:
            store.add(tx, url, wanted[url].title, now, kind=wanted[url].kind)
    return Imported(len(new), len(wanted) - len(new), left_out)


def export_opml(db: Database, title: str) -> bytes:
    """All sources as an OPML list, in folders by home country where they have one, titles in order."""
    with db.read() as tx:
        rows = sorted(store.listing(tx), key=lambda row: (row.home, (row.title or row.url).casefold()))
        outlines = [
            OpmlSource(row.url, row.title, row.home, row.link, row.language, row.kind) for row in rows
        ]
    return write_opml(outlines, title=title)


def _askable(outline: OpmlSource) -> str:
    """The address of a feed, without fragment; "" when it is never asked for."""
    url = without_fragment(web_url(outline.url))
    return "" if refused(url) else url


def _with_scheme(url: str) -> str:
    """People type "example.org"; and what is behind a "#" is for browsers."""
    url = without_fragment(url.strip())
    return url if "://" in url else f"https://{url}"


def _offered(asker: Asker, answer: Fetched) -> tuple[FoundFeed, ...]:
    """What can be a source by way of a page: the feeds it names alone are enough if there is just one."""
    named = feeds_in_page(answer.body, url=answer.url)
    if len(named) == 1:
        return named
    others = [] if named else [*feeds_linked(answer.body, url=answer.url), *_sitemaps(asker, answer.url)]
    return (*named, *others, *_page_itself(asker, answer))


def _sitemaps(asker: Asker, url: str) -> list[FoundFeed]:
    """The sitemaps of the site, those that call themselves news first."""
    named = [web_url(one, url) for one in asker.robots.sitemaps(asker.fetcher, url, asker.clock())]
    ordered = sorted(filter(None, named), key=lambda one: "news" not in one.lower())
    return [FoundFeed(one, "", "", kind="sitemap") for one in dict.fromkeys(ordered)][:MAX_SITEMAPS]


def _page_itself(asker: Asker, answer: Fetched) -> list[FoundFeed]:
    try:
        page = _read_page(asker, answer)
    except NotAFeedError:
        return []
    url = without_fragment(answer.url)
    return [FoundFeed(url, page.title, "", kind="page")] if page.entries else []


def _read_page(asker: Asker, answer: Fetched) -> ParsedSource:
    """The page as a source. Raises `NotAFeedError`."""
    read = read_safely(answer.body, url=answer.url, content_type=answer.content_type, now=asker.clock())
    return read.as_source(answer.url) if isinstance(read, ParsedPage) else read


def _page(asker: Asker, url: str) -> Feed:
    """The page at an address as a source; its site's robots.txt is asked first."""
    answer = _fetched(asker.robots.fetch(asker.fetcher, url, asker.clock()), url)
    page = _read_page(asker, answer)
    if not page.entries:
        raise InvalidInputError(
            f"{url[:200]} has neither an article nor a list of dated headlines; it can't be a source."
        )
    return Feed(without_fragment(answer.permanent_url or url), page)


def _fetched(answer: Answer, url: str) -> Fetched:
    match answer:
        case Fetched():
            return answer
        case FetchFailed():
            raise InvalidInputError(f"{url[:200]} can't be read: {answer.reason}.")
        case NotModified():  # never without validators, which we didn't send
            raise InvalidInputError(f"{url[:200]} can't be read: it says that nothing has changed.")


def _feed(answer: Fetched, asked: str) -> Feed:
    parsed = parse_safely(answer.body, url=answer.url, content_type=answer.content_type)
    return Feed(without_fragment(answer.permanent_url or asked), parsed)
