"""Waits for what other processes and threads do."""

import time
from collections.abc import Callable

FIRST_INTERVAL, LONGEST_INTERVAL = 0.02, 0.5  # seconds between two looks, which come more and more rarely
# Seconds after which what is waited for will not come. A busy machine takes longer, so this bounds a failing test only;
# a test of how soon something happens gives its own bound.
PATIENCE = 120.0


def wait_until(true: Callable[[], bool], what: str = "", seconds: float = PATIENCE) -> None:
    """Return when a condition is true. Fails after `seconds`, and says `what` did not happen."""
    until = time.monotonic() + seconds
    interval = FIRST_INTERVAL
    while not true():
        assert time.monotonic() < until, f"not within {seconds:g} s: {what}"
        time.sleep(interval)
        interval = min(interval * 1.1, LONGEST_INTERVAL)
