"""The list of sources: discover what an address offers, add it, and import or export OPML."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from digest.database import Database
from digest.errors import InvalidInputError, NewsroomText
from digest.sources.documents import parse_document_isolated, parse_feed_isolated
from digest.sources.http.fetch import refusal_reason
from digest.sources.http.results import Fetched, FetchFailed, FetchResult, NotModified
from digest.sources.http.robots import FetchContext
from digest.sources.pure.entries import DocumentError, ParsedSource
from digest.sources.pure.feeds.opml import OpmlSource, read_opml, write_opml
from digest.sources.pure.folders import sort_key
from digest.sources.pure.naming.source_name import name_source
from digest.sources.pure.pages.feed_discovery import (
    DiscoveredSource,
    find_alternate_feeds,
    find_linked_feeds,
    find_site,
)
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.text.markup import resolve_web_url, strip_fragment
from digest.sources.states import SourceKind
from digest.sources.store import sources as store

MAX_SITEMAPS = 5  # that are offered for one site


@dataclass(frozen=True, slots=True)
class FetchedSource:
    """A feed, a sitemap or a page that was fetched and parsed."""

    url: str
    parsed: ParsedSource
    site: str = ""  # the name of the site, if the page that names the source says it

    @property
    def title(self) -> str:
        """What the source is called: by its title, its site or its host."""
        return name_source(self.parsed.title, site=self.site, link=self.parsed.link, url=self.url)


@dataclass(frozen=True, slots=True)
class OpmlImportResult:
    """How many feeds of an OPML file were added, already present, and skipped."""

    added: int
    already_present: int
    skipped: int  # their addresses are never fetched: not http or https, with a password, or malformed
    repeated: int = 0  # addresses that are in several folders; they are in the first one


def discover_source(
    context: FetchContext, url: str, *, kind: str = ""
) -> FetchedSource | tuple[DiscoveredSource, ...]:
    """The source at an address, or at least two sources for the user to choose from.

    Looks in this order: the document itself, if it is a feed or a sitemap; the feeds that the page names; the feeds
    that it links to, the sitemaps of its site and the page itself. With `kind` "page" only the page itself counts.
    Raises InvalidInputError with the reason if there is no source.
    """
    url = _add_scheme(url)
    if kind == SourceKind.PAGE:
        return _fetch_page(context, url)
    answer = _require_body(context.fetcher.fetch(url), url)
    try:
        return _parse_fetched_feed(answer, url)
    except DocumentError as error:
        offers = _offers_of_page(context, answer)
        if not offers:
            raise InvalidInputError(
                NewsroomText(
                    "There is no feed at %(url)s (%(error)s). "
                    "No other feed, sitemap, article or list of dated headlines was found there either.",
                    url=answer.url,
                    error=error,
                )
            ) from error
    if len(offers) > 1:
        return offers
    only_url = offers[0].url
    if offers[0].kind == SourceKind.PAGE:
        return _fetch_page(context, only_url)
    feed = _parse_fetched_feed(_require_body(context.fetcher.fetch(only_url), only_url), only_url)
    return replace(feed, site=find_site(answer.body, url=answer.url))


def discover_one(context: FetchContext, url: str, *, kind: str = "") -> FetchedSource:
    """The source at an address; raises InvalidInputError if there is none, or if there are several: it names them."""
    found = discover_source(context, url, kind=kind)
    if isinstance(found, tuple):
        raise InvalidInputError(
            NewsroomText(
                "There are several sources at %(url)s. Enter the address of one of them: %(choices)s",
                url=url[:200],
                choices=", ".join(each.url for each in found),
            )
        )
    return found


def add(db: Database, fetched: FetchedSource, now: datetime, *, folder: str = "") -> int:
    """Add a discovered source, due at once, and return its id; raises ConflictError if it is a source already."""
    url, kind = strip_fragment(fetched.url), fetched.parsed.kind
    with db.begin() as tx:
        return store.add(tx, url, fetched.title, now, kind=kind, folder=folder).id


def import_opml(
    db: Database, body: bytes, now: datetime, *, countries: Collection[str] = ()
) -> OpmlImportResult:
    """Add all feeds of an OPML file whose addresses may be fetched, due at once, in the folders that they have there.

    A source that is there already stays in its folder. `countries` are the codes that home countries may have.
    """
    by_url: dict[str, OpmlSource] = {}
    repeated, unfit = set[str](), set[str]()
    for outline in read_opml(body):
        url = _fetchable_url(outline)
        if not url:
            unfit.add(outline.url)
        elif by_url.setdefault(url, outline).folder != outline.folder:
            repeated.add(url)
    with db.begin() as tx:
        new_urls = [url for url in by_url if store.find_by_url(tx, url) is None]
        for url in new_urls:
            outline = by_url[url]
            row = store.add(tx, url, outline.title, now, kind=outline.kind, folder=outline.folder)
            row.home = outline.home if outline.home in countries else ""
    return OpmlImportResult(len(new_urls), len(by_url) - len(new_urls), len(unfit), len(repeated))


def export_opml(db: Database, title: str) -> bytes:
    """All sources as an OPML file, in their folders, sorted by folder and title."""
    with db.read() as tx:
        rows = sorted(
            store.all_sources(tx), key=lambda row: (sort_key(row.folder), (row.title or row.url).casefold())
        )
        outlines = [
            OpmlSource(row.url, row.title, row.folder, row.link, row.language, row.kind, row.home)
            for row in rows
        ]
    return write_opml(outlines, title=title)


def _fetchable_url(outline: OpmlSource) -> str:
    """The feed's address without its fragment; "" if it is never fetched."""
    url = strip_fragment(resolve_web_url(outline.url))
    return "" if refusal_reason(url) else url


def _add_scheme(url: str) -> str:
    """The address with https:// if it has no scheme, and without its fragment, which only browsers use."""
    url = strip_fragment(url.strip())
    return url if "://" in url else f"https://{url}"


def _offers_of_page(context: FetchContext, answer: Fetched) -> tuple[DiscoveredSource, ...]:
    """The sources that a page offers. A single feed that the page names is enough, and nothing else is looked for."""
    named = find_alternate_feeds(answer.body, url=answer.url)
    if len(named) == 1:
        return named
    linked: list[DiscoveredSource] = []
    if not named:
        linked = [*find_linked_feeds(answer.body, url=answer.url), *_find_sitemaps(context, answer.url)]
    return (*named, *linked, *_offer_page_itself(context, answer))


def _find_sitemaps(context: FetchContext, url: str) -> list[DiscoveredSource]:
    """The sitemaps that the site's robots.txt names; those with "news" in their address come first."""
    listed = context.robots.sitemaps(context.fetcher, url, context.clock())
    addresses = filter(None, (resolve_web_url(address, url) for address in listed))
    ordered = dict.fromkeys(sorted(addresses, key=lambda address: "news" not in address.lower()))
    return [_offer(address, SourceKind.SITEMAP) for address in ordered][:MAX_SITEMAPS]


def _offer_page_itself(context: FetchContext, answer: Fetched) -> list[DiscoveredSource]:
    """The page as a source, if it has entries."""
    try:
        page = _parse_page(context, answer)
    except DocumentError:
        return []
    return (
        [_offer(strip_fragment(answer.url), SourceKind.PAGE, title=name_source(page.title, url=answer.url))]
        if page.entries
        else []
    )


def _offer(url: str, kind: SourceKind, *, title: str = "") -> DiscoveredSource:
    return DiscoveredSource(url, title, "", kind=kind)


def _parse_page(context: FetchContext, answer: Fetched) -> ParsedSource:
    """The page as a source. Raises `DocumentError`."""
    document = parse_document_isolated(
        answer.body, url=answer.url, content_type=answer.content_type, now=context.clock()
    )
    return document.as_source(answer.url) if isinstance(document, ParsedPage) else document


def _fetch_page(context: FetchContext, url: str) -> FetchedSource:
    """The page at an address as a source, if the site's robots.txt allows it."""
    answer = _require_body(context.robots.fetch(context.fetcher, url, context.clock()), url)
    page = _parse_page(context, answer)
    if not page.entries:
        raise InvalidInputError(
            NewsroomText(
                "%(url)s has neither an article nor a list of dated headlines; it can't be a source.",
                url=url[:200],
            )
        )
    return FetchedSource(strip_fragment(answer.permanent_url or url), page)


def _require_body(result: FetchResult, url: str) -> Fetched:
    """The response; raises InvalidInputError if there is none."""
    match result:
        case Fetched():
            return result
        case FetchFailed():
            raise InvalidInputError(
                NewsroomText("%(url)s can't be read: %(reason)s.", url=url[:200], reason=result.reason)
            )
        case NotModified():  # unexpected, because no validators were sent
            raise InvalidInputError(
                NewsroomText(
                    "%(url)s can't be read: the server says that nothing has changed.", url=url[:200]
                )
            )


def _parse_fetched_feed(answer: Fetched, requested_url: str) -> FetchedSource:
    """The feed or sitemap in a response. Raises `DocumentError`."""
    parsed = parse_feed_isolated(answer.body, url=answer.url, content_type=answer.content_type)
    return FetchedSource(strip_fragment(answer.permanent_url or requested_url), parsed)
