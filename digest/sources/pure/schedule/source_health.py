"""How a source does, in words, and what an editor can do about it."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from digest.sources.pure.schedule.rates import DAY, MEMORY

Condition = Literal["stopped", "failing", "held", "waiting", "silent", "new", "well"]
ORDER: tuple[Condition, ...] = (
    "failing",
    "held",
    "silent",
    "waiting",
    "stopped",
    "new",
    "well",
)  # worst first
SILENT_AFTER = 10  # times the usual time between two articles; chance alone brings that once in 20,000 times
LEAST_SILENCE = timedelta(days=3)  # a weekend, and the Monday after
LONGEST_DECAY = 20.0  # memories; after ten months of silence the number no longer matters
PASSING = 2  # failures in a row that every server has now and then
GIVEN_UP = 10  # failures in a row: by then it is probed daily, and has been down for a week or more


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a source that tells how it does."""

    state: str
    failures: int
    error: str
    held: int
    per_day: float | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    host_until: datetime | None  # when its host wants to be asked again
    host_reason: str


@dataclass(frozen=True, slots=True)
class Health:
    """A source's condition; `words` say what is the matter and `advice` what to do, both "" when nothing is."""

    condition: Condition
    words: str = ""
    advice: str = ""

    @property
    def trouble(self) -> bool:
        """Whether somebody should look at it."""
        return self.condition in ("failing", "held", "silent")


def judge(signs: Signs, now: datetime) -> Health:
    """The worst that is to be said of a source."""
    if signs.state == "stopped":
        return _stopped(signs)
    if signs.failures:
        return Health("failing", signs.error, _advice(signs.failures))
    if signs.held:
        words = f"{signs.held} of its articles are held: more than is usual at once, or only old ones"
        return Health("held", words, "look at them, then release or drop them")
    if signs.host_until is not None:
        return Health("waiting", signs.host_reason)
    if signs.last_success_at is None:
        return Health("new", "not read yet")
    return _heard(signs, now)


def _stopped(signs: Signs) -> Health:
    if signs.error:
        return Health("stopped", signs.error)
    return Health("stopped", "an editor stopped it", "start it again when it is wanted")


def _heard(signs: Signs, now: datetime) -> Health:
    if signs.last_new_at is None or not signs.per_day:
        return Health("well")
    silence = now - signs.last_new_at
    # The rate sinks while nothing comes; what counts is the one before the silence.
    before = signs.per_day * math.exp(min(silence / MEMORY, LONGEST_DECAY))
    if silence <= max(LEAST_SILENCE, SILENT_AFTER * DAY / before):
        return Health("well")
    usual = f"{before:.0f} a day" if before >= 1 else f"one in {1 / before:.0f} days"
    words = f"nothing new for {silence.days} days; usual are {usual}"
    return Health("silent", words, "look at the site: the feed may have moved, or been given up")


def _advice(failures: int) -> str:
    if failures >= GIVEN_UP:
        return "it has failed for long and is only asked once a day; look for another address, or stop it"
    if failures <= PASSING:
        return "nothing to do yet: it is asked again, less and less often"
    return "open its address in a browser, and look for the feed on the site"
