"""What sites ask of programs that read their pages: robots.txt (RFC 9309)."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from digest.sources.http.fetch import Answer, Fetched, Fetcher, FetchFailed, NotModified, Validators

NAME = "Dateline"  # the product token that rules for us would name
KEPT = timedelta(hours=24)  # RFC 9309, section 2.4
KEPT_FAILURE = timedelta(hours=1)
MAX_SITES = 2_000
LARGEST = 512_000  # octets that are read; RFC 9309, section 2.5 wants 500 KiB at least
LONGEST_DELAY = timedelta(seconds=60)  # a longer Crawl-delay is kept to as well as this
CLIENT_ERRORS = range(400, 500)
TOO_MANY = 429
OPEN, CLOSED = "", "User-agent: *\nDisallow: /\n"


class Asker(Protocol):
    """Who asks sites for pages: a fetcher, what the sites ask of it, and the clock."""

    @property
    def fetcher(self) -> Fetcher:
        """Fetches."""

    @property
    def robots(self) -> "Robots":
        """What sites ask of programs."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """What time it is."""


@dataclass(frozen=True)
class _Rules:
    parsed: Protego
    until: datetime
    answered: bool


class Robots:
    """The rules of the sites that this process reads pages of; asked for once a day."""

    def __init__(self) -> None:
        self._rules: OrderedDict[str, _Rules] = OrderedDict()
        self._lock = threading.Lock()

    def fetch(
        self, fetcher: Fetcher, url: str, now: datetime, validators: Validators | None = None
    ) -> Answer:
        """What is at `url`, if its site lets programs read it; else why not, in words."""
        rules = self._of(fetcher, url, now)
        if rules.parsed.can_fetch(url, NAME):
            return fetcher.fetch(url, validators)
        host = urlsplit(url).hostname or url
        if rules.answered:
            return FetchFailed(
                f"the robots.txt of {host} asks programs not to read this page; ask the publisher for a feed"
            )
        return FetchFailed(f"the robots.txt of {host} can't be read, so its pages are left alone for now")

    def delay(self, fetcher: Fetcher, url: str, now: datetime) -> timedelta:
        """The pause between two requests that the site of `url` asks for; none mostly."""
        seconds = self._of(fetcher, url, now).parsed.crawl_delay(NAME) or 0
        return min(timedelta(seconds=max(seconds, 0)), LONGEST_DELAY)

    def sitemaps(self, fetcher: Fetcher, url: str, now: datetime) -> tuple[str, ...]:
        """The sitemaps that the robots.txt of the site of `url` names."""
        return tuple(self._of(fetcher, url, now).parsed.sitemaps)

    def _of(self, fetcher: Fetcher, url: str, now: datetime) -> _Rules:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            known = self._rules.get(site)
            if known and known.until > now:
                self._rules.move_to_end(site)
                return known
        rules = _read(fetcher.fetch(site + "/robots.txt"), now)
        with self._lock:
            self._rules[site] = rules
            while len(self._rules) > MAX_SITES:
                self._rules.popitem(last=False)
        return rules


def _read(answer: Answer, now: datetime) -> _Rules:
    """The rules that an answer gives: none is leave for all, an error of the server is leave for nothing (2.3.1)."""
    match answer:
        case Fetched():
            text = answer.body[:LARGEST].decode("utf-8", "replace")
            return _Rules(Protego.parse(text), now + KEPT, answered=True)
        case FetchFailed() if answer.status in CLIENT_ERRORS and answer.status != TOO_MANY:
            return _Rules(Protego.parse(OPEN), now + KEPT, answered=True)
        case FetchFailed() | NotModified():
            return _Rules(Protego.parse(CLOSED), now + KEPT_FAILURE, answered=False)
