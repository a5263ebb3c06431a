"""The short ways by which usual dates are read give what the long ones give, and are taken."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.pure.dates.date_finder import DateContext, find_date
from digest.sources.pure.dates.date_parser import parse_ambiguous_value, parse_date
from digest.sources.pure.dates.month_names import load_ago_phrases
from digest.sources.pure.dates.relative_dates import DAY_WORDS, read_relative_date

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
# Counted: 33 for RFC 822, 24 for ISO 8601. Searching with all patterns takes over 100.
MOST_CALLS_A_DATE = 60
LANGUAGES = ["", "en", "de", "cs", "fi", "ru", "th", "fa", "vi", "hr"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
ZONES = ["GMT", "UTC", "UT", "Z", "EST", "PDT", "MST", "+0000", "-0330", "+1400", "+9900"]


def count_calls(function: Callable[[], object]) -> int:
    """How many functions of Python and of its library `function` calls."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(before)
    return calls


@given(
    day=st.integers(0, 33),
    month=st.sampled_from([*MONTHS, "JAN", "dec"]),
    year=st.integers(1900, 2099),
    clock=st.tuples(st.integers(0, 26), st.integers(0, 61), st.none() | st.integers(0, 61)),
    zone=st.sampled_from(ZONES),
    weekday=st.sampled_from(["", "Wed, ", "Sun "]),
    language=st.sampled_from(LANGUAGES),
)
def test_a_date_of_rfc_822_is_read_like_any_other(
    *,
    day: int,
    month: str,
    year: int,
    clock: tuple[int, int, int | None],
    zone: str,
    weekday: str,
    language: str,
) -> None:
    time_of_day = ":".join(f"{part:02}" for part in clock if part is not None)
    text = f"{weekday}{day:02} {month} {year} {time_of_day} {zone}"
    with_comment = f"{text} (comment)"  # only the search with all patterns reads it
    assert parse_date(text) == parse_date(with_comment)
    context = DateContext(datetime(2100, 1, 1, tzinfo=UTC), language)
    readings, long_readings = (
        [(mention.day, mention.moment) for mention in parse_ambiguous_value(value, context)]
        for value in (text, with_comment)
    )
    assert readings == long_readings


@pytest.mark.parametrize(
    "text",
    [
        "Wed, 14 Jan 2026 08:30:00 GMT",
        "14 Jan 2026 08:30 -0500",
        "2026-01-14T08:30:00Z",
        "2026-01-14T08:30:00.123+03:00",
        "20260114",
        "1768379400",
    ],
)
def test_the_usual_dates_of_feeds_need_no_search(text: str) -> None:
    assert parse_date(text) is not None
    assert count_calls(lambda: parse_date(text)) <= MOST_CALLS_A_DATE


def test_a_line_that_a_page_shows_is_searched_once() -> None:
    context = DateContext(NOW, "en")
    line = "By Jo Lane of the harbour office, who wrote 12 letters, on 14 Jan 2026"
    first = count_calls(lambda: find_date(line, context))
    again = count_calls(lambda: find_date(line, context))
    assert again * 10 < first


def test_the_same_line_of_another_page_is_read_anew() -> None:
    line = "2 hours ago"
    found = [find_date(line, DateContext(NOW + timedelta(days=days), "en")) for days in (0, 1)]
    assert [mention.day.day if mention else None for mention in found] == [20, 21]
    assert find_date(line, DateContext(NOW, "de")) is None


@pytest.mark.parametrize("language", sorted(DAY_WORDS))
def test_every_phrase_of_a_language_is_read_also_the_longest(language: str) -> None:
    for phrase in load_ago_phrases(language):
        assert read_relative_date(phrase.format("123 "), language, NOW), phrase
    for days_ago, words in enumerate(DAY_WORDS[language]):
        for word in words.split():
            relative = read_relative_date(word.replace("_", " ") + ", 12:30", language, NOW)
            assert relative, word
            assert relative.moment == NOW - timedelta(days=days_ago), word


@pytest.mark.parametrize("phrase", ["about an hour ago", "an hour ago", "Last updated: about an hour ago."])
def test_a_phrase_may_be_longer_by_its_article(phrase: str) -> None:
    relative = read_relative_date(phrase, "en", NOW)
    assert relative
    assert relative.moment == NOW - timedelta(hours=1)
