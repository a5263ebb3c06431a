"""What the broker says: which messages wait in its queues, and what time it is."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from digest.clock import Clock
from digest.errors import NewsroomText, UnavailableError
from digest.task_names import Queue, TaskName

CLOCKS_KEY = "dateline:clocks"  # a hash: machine -> how far its clock is ahead, and when that was measured
PROBE_KEY = "dateline:probe"
MEASUREMENT_LIFETIME = 600  # seconds by the broker's clock; machines measure once a minute


def problem(celery: Celery) -> str:
    """What is wrong with the broker, in words; "" when it takes what is written."""
    return probe(celery)[0]


def probe(celery: Celery) -> tuple[str, float]:
    """What is wrong with the broker, in words, "" if it takes what is written; and the seconds that it took."""
    started = time.monotonic()
    try:
        with redis_client(celery) as redis:
            redis.set(PROBE_KEY, 1, ex=MEASUREMENT_LIFETIME)  # a broker that is full still answers to a ping
    except UnavailableError as error:
        return str(error), time.monotonic() - started
    return "", time.monotonic() - started


def take_key(celery: Celery, key: str) -> bool:
    """Whether this process is the first to take a key; also if the broker does not answer. It is free after a day."""
    try:
        with redis_client(celery) as redis:
            return bool(redis.set(key, 1, nx=True, ex=86_400))
    except UnavailableError:
        return True


def drop_key(celery: Celery, key: str) -> None:
    """Give a key back, unless the broker does not answer."""
    with suppress(UnavailableError), redis_client(celery) as redis:
        redis.delete(key)


def is_waiting(celery: Celery, task: TaskName, queue: Queue) -> bool:
    """Whether a message of this task waits in its queue, that is, no worker has taken it."""
    with redis_client(celery) as redis:
        return any(
            json.loads(message)["headers"].get("task") == task for message in redis.lrange(queue, 0, -1)
        )


def count_waiting(celery: Celery, queue: Queue) -> int:
    """How many messages wait in a queue."""
    with redis_client(celery) as redis:
        return int(redis.llen(queue))


def measure_clock(celery: Celery, clock: Clock) -> timedelta:
    """How far this process's clock is ahead of the broker's; negative when it is behind."""
    with redis_client(celery) as redis:
        sent = time.monotonic()
        seconds, microseconds = redis.time()
        half_way = timedelta(seconds=(time.monotonic() - sent) / 2)
    return clock() - half_way - datetime.fromtimestamp(seconds, UTC) - timedelta(microseconds=microseconds)


def publish_clock(celery: Celery, clock: Clock) -> None:
    """Let other machines know how far this one's clock is ahead of the broker's, unless the broker does not answer."""
    with suppress(UnavailableError), redis_client(celery) as redis:
        lead = measure_clock(celery, clock).total_seconds()
        redis.hset(CLOCKS_KEY, socket.gethostname(), json.dumps([round(lead, 1), redis.time()[0]]))


def published_clocks(celery: Celery) -> dict[str, timedelta]:
    """How far the clocks of the machines with workers or beat are ahead of the broker's, by host name."""
    with redis_client(celery) as redis:
        now = redis.time()[0]
        measurements = {
            machine.decode(): json.loads(text) for machine, text in redis.hgetall(CLOCKS_KEY).items()
        }
        # Also forget what was measured before the broker's clock was set back.
        old = [
            name for name, (_, measured) in measurements.items() if abs(now - measured) > MEASUREMENT_LIFETIME
        ]
        if old:
            redis.hdel(CLOCKS_KEY, *old)
    return {name: timedelta(seconds=lead) for name, (lead, _) in measurements.items() if name not in old}


@contextmanager
def redis_client(celery: Celery) -> Iterator[Any]:
    """The broker's Redis client, from Celery's pool of connections."""
    from redis.exceptions import RedisError  # commands that need no broker do without

    try:
        with celery.pool.acquire(block=True) as connection:
            yield connection.default_channel.client
    except (OperationalError, RedisError, OSError) as error:
        raise UnavailableError(
            NewsroomText(
                "does not answer: %(error)s (REDIS_URL; embedded: is `dateline up` running?)", error=error
            )
        ) from error
