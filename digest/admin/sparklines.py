"""Small charts within lists, as SVG that templates draw: a bar for each day, and a bar of shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from digest.deliveries.states import FINAL_STATES, DeliveryState

SPARK_HEIGHT = 16  # units of the SVG
DAY_WIDTH = 5
BAR_WIDTH = 4
SHARES_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Sparkline:
    """The numbers of some days: one path for all bars. A day with few of many is at least one unit high."""

    days: tuple[date, ...]
    values: tuple[int, ...]

    @property
    def width(self) -> int:
        """Its width in units of the SVG."""
        return len(self.values) * DAY_WIDTH

    @property
    def path(self) -> str:
        """The bars as an SVG path; "" if there is nothing."""
        highest = max(self.values, default=0)
        bars = []
        for place, value in enumerate(self.values):
            if value:
                height = max(1, round(SPARK_HEIGHT * value / highest))
                bars.append(f"M{place * DAY_WIDTH} {SPARK_HEIGHT}v-{height}h{BAR_WIDTH}V{SPARK_HEIGHT}z")
        return "".join(bars)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a bar: its name, its number, its place and its width in units of the SVG."""

    name: str
    count: int
    x: float
    width: float


def sparkline(days: Sequence[date], by_day: Mapping[str, int]) -> Sparkline:
    """The chart of numbers by ISO day."""
    return Sparkline(tuple(days), tuple(by_day.get(day.isoformat(), 0) for day in days))


def shares(counts: Mapping[str, int]) -> tuple[Share, ...]:
    """The parts of a bar in the order of `counts`, without those that have none; together they fill it."""
    total = sum(counts.values())
    parts, before = [], 0
    for name, count in counts.items():
        if count:
            x, end = SHARES_WIDTH * before / total, SHARES_WIDTH * (before + count) / total
            parts.append(Share(name, count, round(x, 2), round(end - x, 2)))
            before += count
    return tuple(parts)


def outcome_shares(by_state: Mapping[DeliveryState, int]) -> tuple[Share, ...]:
    """How the mails of an edition ended, those that wait last."""
    ended = {state.value: by_state.get(state, 0) for state in FINAL_STATES}
    return shares(ended | {DeliveryState.PLANNED.value: by_state.get(DeliveryState.PLANNED, 0)})
