"""How many stories of a short mail one source may lead, and what the index remembers."""

from datetime import timedelta

import pytest

from digest.editions.pure import selection
from digest.editions.pure.selection import Candidate, StoryIndex, select_stories
from tests.editions.test_selection import START, WORLD, chosen, ids, story


def strong(number: int) -> Candidate:
    """A story of the source 1 that many report."""
    return story(number, ("KZ", 1.0), sources=9, source=1)


def weak(number: int) -> Candidate:
    """A story of a source of its own."""
    return story(number, ("KZ", 1.0), source=number)


def in_mail(*stories: Candidate, most: int = 5) -> set[int]:
    return set(ids(chosen(stories, ["kz"], most=most).mail)["kz"])


def test_a_source_leads_two_of_five_stories_while_others_have_any() -> None:
    mail = in_mail(*map(strong, range(1, 7)), *map(weak, range(11, 15)))
    assert len(mail) == 5
    assert len(mail & set(range(1, 7))) == 2


def test_a_source_fills_the_places_that_no_other_can_take() -> None:
    mail = in_mail(*map(strong, range(1, 7)), weak(11))
    assert len(mail) == 5
    assert 11 in mail


def test_a_pinned_story_counts_for_its_source_but_needs_no_room_in_its_share() -> None:
    pinned = [story(number, ("KZ", 1.0), source=1, pinned=1) for number in (1, 2, 3)]
    mail = in_mail(*pinned, *map(strong, range(4, 9)), *map(weak, range(11, 15)))
    assert mail >= {1, 2, 3}
    assert not mail & set(range(4, 9))


def test_one_publishers_order_has_no_share() -> None:
    stories = [*map(strong, range(1, 7)), *map(weak, range(11, 15))]
    index = StoryIndex(stories, WORLD.__getitem__, publishers_order=True)
    mail = select_stories(index, ["kz"], start=START, max_in_mail=5).mail
    assert set(ids(mail)["kz"]) <= set(range(1, 7))


def test_the_index_remembers_a_limited_number_of_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MAX_CACHED_REGIONS", 3)
    index = StoryIndex([strong(1)], WORLD.__getitem__)
    for hours in range(10):
        index.stories_for("kz", START - timedelta(hours=hours))
        assert len(index._by_window) <= 3
