"""Waits for what other processes and threads do."""

import time
from collections.abc import Callable

INTERVAL = 0.02  # seconds between two looks


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Return when a condition is true. Fails after `seconds`."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(INTERVAL)
