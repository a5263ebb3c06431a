"""The rules that a site's robots.txt sets for programs that read its pages (RFC 9309)."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from digest.clock import Clock
from digest.errors import NewsroomText
from digest.sources.http.fetch import Fetcher
from digest.sources.http.results import Fetched, FetchFailed, FetchResult, NotModified, Validators

PRODUCT_NAME = "Dateline"  # by this name ("product token") a robots.txt addresses us
CACHE_TIME = timedelta(hours=24)  # RFC 9309, section 2.4
FAILURE_CACHE_TIME = timedelta(hours=1)
MAX_CACHED_SITES = 2_000
MAX_BYTES = 512_000  # of a robots.txt that are read; RFC 9309, section 2.5 asks for at least 500 KiB
MAX_CRAWL_DELAY = timedelta(seconds=60)  # a longer Crawl-delay is cut to this
CLIENT_ERRORS = range(400, 500)
ALLOW_ALL, DISALLOW_ALL = "", "User-agent: *\nDisallow: /\n"


class FetchContext(Protocol):
    """What is needed to fetch pages politely: a fetcher, the cached robots.txt rules and the clock."""

    @property
    def fetcher(self) -> Fetcher:
        """Fetches URLs."""

    @property
    def robots(self) -> "RobotsCache":
        """The robots.txt rules of the sites."""

    @property
    def clock(self) -> Clock:
        """The current time."""


@dataclass(frozen=True)
class _Rules:
    parsed: Protego
    expires_at: datetime
    was_readable: bool  # the site answered; False if its robots.txt could not be read


class RobotsCache:
    """The robots.txt rules of the sites that this process reads, fetched once a day. Thread-safe."""

    def __init__(self) -> None:
        self._rules: OrderedDict[str, _Rules] = OrderedDict()
        self._lock = threading.Lock()

    def fetch(
        self, fetcher: Fetcher, url: str, now: datetime, validators: Validators | None = None
    ) -> FetchResult:
        """Fetch `url` if robots.txt allows it; otherwise a `FetchFailed` with the reason."""
        rules = self._rules_for(fetcher, url, now)
        if rules.parsed.can_fetch(url, PRODUCT_NAME):
            return fetcher.fetch(url, validators)
        host = urlsplit(url).hostname or url
        if rules.was_readable:
            return FetchFailed(
                NewsroomText(
                    "the robots.txt of %(host)s asks programs not to read this page; ask the publisher for a feed",
                    host=host,
                )
            )
        return FetchFailed(
            NewsroomText(
                "the robots.txt of %(host)s can't be read, so its pages are left alone for now", host=host
            )
        )

    def crawl_delay(self, fetcher: Fetcher, url: str, now: datetime) -> timedelta:
        """The pause between two requests that the site of `url` asks for; zero for most sites."""
        seconds = self._rules_for(fetcher, url, now).parsed.crawl_delay(PRODUCT_NAME) or 0
        return min(timedelta(seconds=max(seconds, 0)), MAX_CRAWL_DELAY)

    def sitemaps(self, fetcher: Fetcher, url: str, now: datetime) -> tuple[str, ...]:
        """The sitemaps that the robots.txt of the site of `url` names."""
        return tuple(self._rules_for(fetcher, url, now).parsed.sitemaps)

    def _rules_for(self, fetcher: Fetcher, url: str, now: datetime) -> _Rules:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            cached = self._rules.get(site)
            if cached and cached.expires_at > now:
                self._rules.move_to_end(site)
                return cached
        rules = _rules_from(fetcher.fetch(site + "/robots.txt"), now)
        with self._lock:
            self._rules[site] = rules
            while len(self._rules) > MAX_CACHED_SITES:
                self._rules.popitem(last=False)
        return rules


def _rules_from(result: FetchResult, now: datetime) -> _Rules:
    """The rules of a fetched robots.txt (RFC 9309, section 2.3.1).

    A client error means that there is no robots.txt, so all is allowed. After a server error nothing is allowed.
    """
    match result:
        case Fetched():
            text = result.body[:MAX_BYTES].decode("utf-8", "replace")
            return _Rules(Protego.parse(text), now + CACHE_TIME, was_readable=True)
        case FetchFailed() if (
            result.status in CLIENT_ERRORS and result.status != HTTPStatus.TOO_MANY_REQUESTS
        ):
            return _Rules(Protego.parse(ALLOW_ALL), now + CACHE_TIME, was_readable=True)
        case FetchFailed() | NotModified():
            return _Rules(Protego.parse(DISALLOW_ALL), now + FAILURE_CACHE_TIME, was_readable=False)
