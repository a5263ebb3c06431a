"""One more request to a publisher's host, when its turn comes: never two at once, never without a pause between."""

import random
import time
from datetime import timedelta

from digest.database import Database
from digest.sources.http.fetch import Answer, FetchFailed
from digest.sources.http.robots import Asker
from digest.sources.pure.schedule.next_poll import GAP, pause
from digest.sources.pure.urls import host_of
from digest.sources.store import hosts

LEASE = timedelta(minutes=2)  # of a host: twice 30 s of fetching (robots.txt, the page), on a busy machine
TURN = 0.25  # seconds between two looks whether a host is free


def ask(db: Database, asker: Asker, url: str, *, page: bool, patience: float) -> Answer | None:
    """What is at `url`, asked when its host is free; None when it is not within `patience` seconds.

    For a `page` robots.txt decides, and its Crawl-delay is kept to; feeds and sitemaps are there for programs.
    """
    host = host_of(url)
    for turn in range(1 + int(patience / TURN)):
        time.sleep(TURN if turn else 0)
        with db.begin() as tx:
            free = hosts.claim(tx, [host], asker.clock(), lease=LEASE)
        if free:
            break
    else:
        return None
    gap = timedelta(seconds=random.uniform(*GAP))  # noqa: S311 -- spreads load, no secret
    if page:
        answer = asker.robots.fetch(asker.fetcher, url, asker.clock())
        gap = max(gap, asker.robots.delay(asker.fetcher, url, asker.clock()))
    else:
        answer = asker.fetcher.fetch(url)
    with db.begin() as tx:
        hosts.release(tx, host, asker.clock(), gap=gap)
        if isinstance(answer, FetchFailed) and (wait := pause(answer.status, answer.retry_after)):
            hosts.pause(tx, host, asker.clock() + wait, answer.reason)
    return answer
