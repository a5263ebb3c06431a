"""The condition of a source, a message that describes it, and what an editor can do about it."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.errors import NewsroomText
from digest.sources.pure.schedule.rates import DAY, DECAY_TIME
from digest.sources.states import SourceState


class HealthCondition(StrEnum):
    """How a source works."""

    STOPPED = "stopped"
    FAILING = "failing"  # the last poll failed
    HELD = "held"  # some of its articles are held
    WAITING = "waiting"  # its host asked for a pause
    SILENT = "silent"  # no new articles for much longer than usual
    NEW = "new"  # not polled yet
    WELL = "well"


WORST_FIRST = (
    HealthCondition.FAILING,
    HealthCondition.HELD,
    HealthCondition.SILENT,
    HealthCondition.WAITING,
    HealthCondition.STOPPED,
    HealthCondition.NEW,
    HealthCondition.WELL,
)
NEEDS_ATTENTION = frozenset((HealthCondition.FAILING, HealthCondition.HELD, HealthCondition.SILENT))
# Usual intervals between two articles. By chance, one in 20,000 gaps is that long.
SILENT_AFTER_INTERVALS = 10
MIN_SILENCE = timedelta(days=3)  # a weekend and the Monday after it
MAX_DECAY = 20.0  # decay times; after ten months of silence the exact number does not matter
TRANSIENT_FAILURES = 2  # failures in a row that every server has now and then
# Failures in a row. By then the source is polled daily and has been down for a week or more.
PERSISTENT_FAILURES = 10


@dataclass(frozen=True, slots=True)
class HealthSignals:
    """The facts about a source from which its condition is assessed."""

    state: SourceState
    failures: int
    error: str
    held: int
    per_day: float | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    host_paused_until: datetime | None  # None if the host is not paused
    host_pause_reason: str


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source's condition. `message` describes the problem and `advice` the remedy; "" if there is none."""

    condition: HealthCondition
    message: str = ""
    advice: str = ""

    @property
    def needs_attention(self) -> bool:
        """Whether an editor should look at the source."""
        return self.condition in NEEDS_ATTENTION


def assess_health(signals: HealthSignals, now: datetime) -> SourceHealth:
    """Return the worst condition that applies to a source."""
    if signals.state == SourceState.STOPPED:
        return _stopped_health(signals)
    if signals.failures:
        return SourceHealth(HealthCondition.FAILING, signals.error, _failure_advice(signals.failures))
    if signals.held:
        message = NewsroomText(
            "%(held)s of its articles are held: more than is usual at once, or only old ones",
            held=signals.held,
        )
        return SourceHealth(
            HealthCondition.HELD, message, NewsroomText("look at them, then release or drop them")
        )
    if signals.host_paused_until is not None:
        return SourceHealth(HealthCondition.WAITING, signals.host_pause_reason)
    if signals.last_success_at is None:
        return SourceHealth(HealthCondition.NEW, NewsroomText("not read yet"))
    return _silent_or_well(signals, now)


def _stopped_health(signals: HealthSignals) -> SourceHealth:
    if signals.error:
        return SourceHealth(HealthCondition.STOPPED, signals.error)
    return SourceHealth(
        HealthCondition.STOPPED,
        NewsroomText("an editor stopped it"),
        NewsroomText("start it again if you want its articles"),
    )


def _silent_or_well(signals: HealthSignals, now: datetime) -> SourceHealth:
    if signals.last_new_at is None or not signals.per_day:
        return SourceHealth(HealthCondition.WELL)
    silence = now - signals.last_new_at
    # The rate decays during the silence. Compare with the rate before it.
    usual_per_day = signals.per_day * math.exp(min(silence / DECAY_TIME, MAX_DECAY))
    if silence <= max(MIN_SILENCE, SILENT_AFTER_INTERVALS * DAY / usual_per_day):
        return SourceHealth(HealthCondition.WELL)
    usual = (
        NewsroomText("%(count)s a day", count=f"{usual_per_day:.0f}")
        if usual_per_day >= 1
        else NewsroomText("one in %(days)s days", days=f"{1 / usual_per_day:.0f}")
    )
    message = NewsroomText("nothing new for %(days)s days; usual: %(usual)s", days=silence.days, usual=usual)
    advice = NewsroomText("look at the site: the feed may have moved, or been given up")
    return SourceHealth(HealthCondition.SILENT, message, advice)


def _failure_advice(failures: int) -> str:
    if failures >= PERSISTENT_FAILURES:
        return NewsroomText(
            "it has failed for a long time and is polled only once a day; look for another address, or stop it"
        )
    if failures <= TRANSIENT_FAILURES:
        return NewsroomText("nothing to do yet: it is polled again, less and less often")
    return NewsroomText("open its address in a browser, and look for the feed on the site")
