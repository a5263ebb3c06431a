"""Making something a source: find its feed from any address, add it, or take in a whole OPML list."""

from dataclasses import dataclass
from datetime import datetime

from digest.database import Database
from digest.errors import InvalidInputError
from digest.sources import store
from digest.sources.discovery import FoundFeed, feeds_in_page
from digest.sources.entries import NotAFeedError
from digest.sources.fetching import Fetched, Fetcher, FetchFailed, NotModified, refused
from digest.sources.markup import web_url, without_fragment
from digest.sources.opml import OpmlSource, read_opml
from digest.sources.parsing import parse_safely


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that was fetched and could be read."""

    url: str
    title: str
    entries: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list's feeds."""

    added: int
    known: int
    left_out: int  # addresses that are never asked: not http or https, with a password, or not to be read


def find(fetcher: Fetcher, url: str) -> Feed | tuple[FoundFeed, ...]:
    """The feed at an address, or the one that the page there names; several (at least two) are for the user to choose.

    Looks at the network, twice at most. Raises InvalidInputError with the reason when there is no feed to be had.
    """
    url = _with_scheme(url)
    answer = _fetched(fetcher, url)
    try:
        return _feed(answer, url)
    except NotAFeedError as error:
        offered = feeds_in_page(answer.body, url=answer.url)
        if not offered:
            raise InvalidInputError(
                f"There is no feed at {answer.url}, and it names none: {error}."
            ) from error
    return _feed(_fetched(fetcher, offered[0].url), offered[0].url) if len(offered) == 1 else offered


def add(db: Database, feed: Feed, now: datetime) -> int:
    """Make a feed a source, due at once; raises ConflictError when it is one already. Returns its id."""
    with db.begin() as tx:
        return store.add(tx, without_fragment(feed.url), feed.title, now).id


def import_opml(db: Database, body: bytes, now: datetime) -> Imported:
    """Make sources of all feeds of an OPML file that can be asked, due at once."""
    listed = read_opml(body)
    titles: dict[str, str] = {}
    left_out = 0
    for outline in listed:
        if url := _askable(outline):
            titles.setdefault(url, outline.title)
        else:
            left_out += 1
    with db.begin() as tx:
        new = [url for url in titles if store.by_url(tx, url) is None]
        for url in new:
            store.add(tx, url, titles[url], now)
    return Imported(len(new), len(titles) - len(new), left_out)


def _askable(outline: OpmlSource) -> str:
    """The address of a feed, without fragment; "" when it is never asked for."""
    url = without_fragment(web_url(outline.url))
    return "" if refused(url) else url


def _with_scheme(url: str) -> str:
    """People type "example.org"; and what is behind a "#" is for browsers."""
    url = without_fragment(url.strip())
    return url if "://" in url else f"https://{url}"


def _fetched(fetcher: Fetcher, url: str) -> Fetched:
    match answer := fetcher.fetch(url):
        case Fetched():
            return answer
        case FetchFailed():
            raise InvalidInputError(f"{url[:200]} can't be read: {answer.reason}.")
        case NotModified():  # never without validators, which we didn't send
            raise InvalidInputError(f"{url[:200]} can't be read: it says that nothing has changed.")


def _feed(answer: Fetched, asked: str) -> Feed:
    parsed = parse_safely(answer.body, url=answer.url, content_type=answer.content_type)
    return Feed(without_fragment(answer.permanent_url or asked), parsed.title, len(parsed.entries))
