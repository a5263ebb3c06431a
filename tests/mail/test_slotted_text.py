"""Texts with slots: rendered once, filled many times, and never filled by what a story brings along."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.mail.pure.slotted_text import Slot, SlotMarkers, SlottedText


@given(st.lists(st.tuples(st.text(), st.sampled_from(["date_line", "url", "why_line"]))), st.text())
@settings(max_examples=40)
def test_a_mould_gives_back_the_text_with_the_values_in_their_slots(
    pieces: list[tuple[str, str]], end: str
) -> None:
    slots = SlotMarkers()
    values = {"date_line": "Sunday", "url": "https://x.example/?a=1", "why_line": "You asked."}
    rendered = "".join(text + slots.marker(name) for text, name in pieces) + end
    expected = "".join(text + values[name] for text, name in pieces) + end
    assert slots.parse(rendered).render(values) == expected


def test_a_slot_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        SlottedText(("Hello ", Slot("name"))).render({})


def test_slots_that_get_no_value_yet_stay_open() -> None:
    mould = SlottedText((Slot("a"), "-", Slot("b"))).fill({"a": "1"})
    assert mould == SlottedText(("1-", Slot("b")))


def test_a_value_that_looks_like_a_mark_is_only_text() -> None:
    slots = SlotMarkers()
    filled = slots.parse(slots.marker("stories") + slots.marker("url")).fill({"stories": slots.marker("url")})
    assert filled.render({"url": "https://x.example"}) == slots.marker("url") + "https://x.example"


def test_marks_of_another_process_mean_nothing() -> None:
    theirs = SlotMarkers().marker("unsubscribe_url")
    assert SlotMarkers().parse(f"A headline with {theirs} in it").parts == (
        f"A headline with {theirs} in it",
    )
