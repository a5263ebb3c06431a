"""The cost of tagging: linear in the length of any text, and no cost for what is beyond the limits."""

import sys
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.regions import gazetteer
from digest.regions.pure.tagger import LONGEST_TEXT, LONGEST_TITLE

TAGGER = gazetteer.tagger()
PHRASES = [phrase.text for phrase in gazetteer.load().phrases]
SHORT = 2_500
UNITS = [
    "Turkey and turkey ",
    "Россия и Казахстан ",
    "Türkiye'nin ve Azərbaycan'ın ",
    "السعودية ",
    "中国人民共和国",
    "Paris, Texas, ",
    "NEW YORK, ",
    "Peru: ",
    "London Smith ",
    "Phoenix Holdings Inc ",
    "Papua New ",
    "A" * 50,
    "(-'\u2019 ",
    "\ud800",
    "e\u0301",
]


def count_calls(title: str, text: str) -> int:
    """The number of function calls to tag a text. It measures like time, but is the same each time."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    previous_profiler = sys.getprofile()
    sys.setprofile(count)
    try:
        TAGGER.tag(title, text)
    finally:
        sys.setprofile(previous_profiler)
    return calls


def repeated(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


@pytest.mark.parametrize("unit", UNITS)
def test_four_times_the_text_is_four_times_the_work(unit: str) -> None:
    TAGGER.tag("", repeated(unit, SHORT))  # make caches before counting
    assert count_calls("", repeated(unit, 4 * SHORT)) <= 5 * count_calls("", repeated(unit, SHORT)) + 500


@given(
    st.lists(st.sampled_from(PHRASES), min_size=1, max_size=3),
    st.sampled_from([" ", ", ", ". ", " - ", "\n"]),
)
@settings(max_examples=25, deadline=None)
def test_repeated_phrases_cost_the_same_each_time(phrases: list[str], between: str) -> None:
    unit = between.join(phrases) + between
    TAGGER.tag("", repeated(unit, SHORT))
    assert count_calls("", repeated(unit, 4 * SHORT)) <= 5 * count_calls("", repeated(unit, SHORT)) + 500


@pytest.mark.parametrize("unit", UNITS)
def test_only_ten_pages_of_a_long_text_are_read(unit: str) -> None:
    title, text = repeated(unit, LONGEST_TITLE), repeated(unit, LONGEST_TEXT)
    more = 3_000_000
    assert TAGGER.tag(title + "Peru " * more, text + " Chile" * more) == TAGGER.tag(title, text)
