"""Bar charts, as numbers that templates draw: a bar for each day, divided among series, and the same as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

PLOT_HEIGHT = 120.0  # units of the SVG
DAY_WIDTH = 10.0
BAR_SHARE = 0.8  # of a day's width; the rest keeps the bars apart
BELOW_TWO = (10, 12, 15)  # tenths; one digit alone would leave half of the chart empty above 1,100
MAX_SERIES = 6  # as many as there are colours that are told apart


@dataclass(frozen=True, slots=True)
class Series:
    """What is counted, and its number on each day."""

    name: str
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        """Its number in the whole period."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the SVG; `series` is the place of its series."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class BarChart:
    """The bars of some days, and what they stand for."""

    days: tuple[date, ...]
    series: tuple[Series, ...]
    bars: tuple[Bar, ...]
    highest: int  # the number at the top of the chart

    @property
    def width(self) -> float:
        """The width of the plot in units of the SVG."""
        return len(self.days) * DAY_WIDTH

    @property
    def height(self) -> float:
        """The height of the plot in units of the SVG."""
        return PLOT_HEIGHT

    @property
    def paths(self) -> tuple[str, ...]:
        """The bars of each series as one path of the SVG, which takes a third of the octets of rectangles."""
        drawn = [
            (bar.series, f"M{bar.x:g} {bar.y:g}h{bar.width:g}v{bar.height:g}h-{bar.width:g}z")
            for bar in self.bars
        ]
        return tuple("".join(path for place, path in drawn if place == n) for n in range(len(self.series)))

    @property
    def total(self) -> int:
        """All numbers together."""
        return sum(series.total for series in self.series)


def last_days(today: date, count: int) -> tuple[date, ...]:
    """The days up to and including today."""
    return tuple(today - timedelta(days=count - 1 - n) for n in range(count))


def bar_chart(days: Sequence[date], counts: Mapping[str, Mapping[str, int]]) -> BarChart:
    """The chart of numbers by series and ISO day: the bars of a day stand on each other, the first series lowest."""
    series = tuple(
        Series(name, tuple(by_day.get(day.isoformat(), 0) for day in days)) for name, by_day in counts.items()
    )
    sums = [sum(one.values[n] for one in series) for n in range(len(days))]
    highest = round_up(max(sums, default=0))
    bars = []
    for n in range(len(days)):
        below = 0
        for place, one in enumerate(series):
            value = one.values[n]
            if value:
                below += value
                bars.append(_bar(place, n, below=below, value=value, highest=highest))
    return BarChart(tuple(days), series, tuple(bars), highest)


def largest(counts: Mapping[str, Mapping[str, int]], others: str) -> dict[str, dict[str, int]]:
    """The series with the largest totals, the largest first, and the rest added up as `others`."""
    ordered = sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    kept = {name: dict(by_day) for name, by_day in ordered[: MAX_SERIES - 1]}
    rest: dict[str, int] = {}
    for _name, by_day in ordered[MAX_SERIES - 1 :]:
        for day, count in by_day.items():
            rest[day] = rest.get(day, 0) + count
    return kept | {others: rest} if rest else kept


def round_up(value: int) -> int:
    """The next number that is easy to read at the top of a chart and leaves little of it empty: 7, 12, 150, 3,000."""
    if value <= 0:
        return 1
    unit: int = 10 ** (len(str(value)) - 1)
    for tenths in BELOW_TWO:
        if unit > 1 and value * 10 <= tenths * unit:
            return tenths * unit // 10
    return -(-value // unit) * unit


def _bar(place: int, day: int, *, below: int, value: int, highest: int) -> Bar:
    """The bar of a value whose upper edge is at `below`."""
    height = PLOT_HEIGHT * value / highest
    margin = DAY_WIDTH * (1 - BAR_SHARE) / 2
    return Bar(
        place,
        round(day * DAY_WIDTH + margin, 2),
        round(PLOT_HEIGHT * (1 - below / highest), 2),
        round(DAY_WIDTH * BAR_SHARE, 2),
        round(height, 2),
    )
