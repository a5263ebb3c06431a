"""The bars of charts stand on each other, stay within the plot, and add up."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from digest.admin.charts import MAX_SERIES, PLOT_HEIGHT, bar_chart, largest, last_days, round_up

TODAY = date(2026, 3, 10)
DAYS = last_days(TODAY, 7)
WEEKS = st.lists(st.lists(st.integers(0, 5_000_000), min_size=7, max_size=7), max_size=12)


def test_the_last_days_end_today() -> None:
    assert last_days(TODAY, 3) == (date(2026, 3, 8), date(2026, 3, 9), TODAY)


def test_the_bars_of_a_day_stand_on_each_other() -> None:
    chart = bar_chart(
        last_days(TODAY, 2), {"a": {"2026-03-10": 30}, "b": {"2026-03-10": 10, "2026-03-09": 40}}
    )
    heights = [(bar.series, bar.x > 10, bar.y, bar.height) for bar in chart.bars]
    assert chart.highest == 40
    assert heights == [(1, False, 0.0, 120.0), (0, True, 30.0, 90.0), (1, True, 0.0, 30.0)]
    assert [series.total for series in chart.series] == [30, 50]
    assert chart.paths == ("M11 30h8v90h-8z", "M1 0h8v120h-8zM11 0h8v30h-8z")


def test_the_top_of_a_chart_is_a_round_number() -> None:
    assert [round_up(n) for n in (0, 1, 7, 10, 11, 99, 1_201, 1_501, 2_345)] == [
        1,
        1,
        7,
        10,
        12,
        100,
        1_500,
        2_000,
        3_000,
    ]


@given(WEEKS)
def test_bars_stay_within_the_plot_and_no_number_is_lost(weeks: list[list[int]]) -> None:
    keys = [day.isoformat() for day in DAYS]
    counts = {f"source {n}": dict(zip(keys, week, strict=True)) for n, week in enumerate(weeks)}
    chart = bar_chart(DAYS, largest(counts, others="others"))
    assert len(chart.series) <= MAX_SERIES
    assert chart.total == sum(map(sum, weeks))
    for bar in chart.bars:
        assert -0.02 <= bar.y <= PLOT_HEIGHT
        assert bar.y + bar.height <= PLOT_HEIGHT + 0.02
        assert 0 <= bar.x < chart.width
