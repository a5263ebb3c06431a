"""The clock. Only this module reads the time; all others take it as an argument."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]  # returns the current time, aware, in UTC


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)
