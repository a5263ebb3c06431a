"""The visits that wait in the broker's memory to be counted, and what tells repeated visits of a day from new ones.

Nothing of it is written to a disk by the embedded broker. The salt of a day, and with it every means to recognise a
visitor, is destroyed when the day is over. A broker that is emptied loses the visits of a minute, and takes visitors of
this day for new ones.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from celery import Celery

from digest.broker_state import redis_client
from digest.opens.pure.visits import FILTER_HASHES, Visit, filter_places

WAITING_KEY = "dateline:opens:waiting"  # a list of visits, the oldest first
COUNTED_KEY = (
    "dateline:opens:counted"  # how many of its first ones are counted, and stay to judge those after them
)
FOLDING_KEY = "dateline:opens:folding"  # taken by who counts
SALT_KEY = "dateline:opens:salt:"  # of a day
SEEN_KEY = "dateline:opens:seen:"  # the filter of a day
MOST_WAITING = 50_000  # visits, some 5 MB; while more come than can be counted, further ones are dropped
WAITING_LIFETIME = 3600  # seconds after which visits that nobody counts are deleted
FOLDING_LIFETIME = 300  # seconds after which another may count, if who counts has died
LATE_VISITS = timedelta(
    minutes=10
)  # a day's filter and salt outlast it by this, as its last visits wait to be counted
SALT_OCTETS = 32


class WaitingVisits(NamedTuple):
    """The visits that wait. The first `counted` of them were counted before."""

    visits: Sequence[Visit]
    counted: int


def load_salts(celery: Celery, days: Iterable[str], now: datetime) -> dict[str, bytes]:
    """The salt of each day ("2026-11-30"), which is made when it is first needed."""
    salts = {}
    with redis_client(celery) as redis:
        for day in days:
            redis.set(SALT_KEY + day, secrets.token_bytes(SALT_OCTETS), nx=True, ex=_lifetime(day, now))
            salts[day] = redis.get(SALT_KEY + day) or secrets.token_bytes(SALT_OCTETS)
    return salts


def push(celery: Celery, visits: Sequence[Visit]) -> int:
    """Let visits wait to be counted. Returns how many were dropped, because too many wait already."""
    with redis_client(celery) as redis:
        room = max(MOST_WAITING - int(redis.llen(WAITING_KEY)), 0)
        if taken := [visit.encode() for visit in visits[:room]]:
            redis.pipeline().rpush(WAITING_KEY, *taken).expire(WAITING_KEY, WAITING_LIFETIME).execute()
    return len(visits) - len(taken)


def load(celery: Celery) -> WaitingVisits:
    """The visits that wait."""
    with redis_client(celery) as redis:
        texts, counted = redis.pipeline().lrange(WAITING_KEY, 0, -1).get(COUNTED_KEY).execute()
    return WaitingVisits([Visit.decode(text.decode()) for text in texts], min(int(counted or 0), len(texts)))


def drop(celery: Celery, count: int, *, counted: int) -> None:
    """Delete the first `count` visits. The first `counted` of those that stay are counted."""
    with redis_client(celery) as redis:
        redis.pipeline().ltrim(WAITING_KEY, count, -1).set(
            COUNTED_KEY, counted, ex=WAITING_LIFETIME
        ).execute()


def mark_seen(celery: Celery, visits: Sequence[Visit], now: datetime) -> list[bool]:
    """Whether each is the first visit of its visitor to its article on its day, as far as the filter knows."""
    with redis_client(celery) as redis:
        pipeline = redis.pipeline(transaction=False)
        for visit in visits:
            for place in filter_places(visit.visitor, visit.article_id):
                pipeline.setbit(SEEN_KEY + visit.day, place, 1)
        for day in {visit.day for visit in visits}:
            pipeline.expire(SEEN_KEY + day, _lifetime(day, now))
        bits = iter(pipeline.execute())
    return [not all(list(islice(bits, FILTER_HASHES))) for _ in visits]


@contextmanager
def only_one(celery: Celery) -> Iterator[bool]:
    """Whether this process may count: no other one does at the same time."""
    with redis_client(celery) as redis:
        is_free = bool(redis.set(FOLDING_KEY, 1, nx=True, ex=FOLDING_LIFETIME))
    try:
        yield is_free
    finally:
        if is_free:
            with redis_client(celery) as redis:
                redis.delete(FOLDING_KEY)


def _lifetime(day: str, now: datetime) -> int:
    """After how many seconds what belongs to a day is destroyed."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)
    return max(int((midnight + LATE_VISITS - now).total_seconds()), 1)
