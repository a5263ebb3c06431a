"""What has changed in a list of stories: which are new, gone or moved, and whose headline or countries differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliveries.pure.draft_comparison import ListedStory, compare


def listed(ids: str) -> list[ListedStory]:
    return [ListedStory(ord(letter), letter, ("KZ",)) for letter in ids]


def differences(before: str, now: str) -> list[str]:
    """Each as "a up 3 1": headline, kind, and the places then and now."""
    return [
        f"{found.title} {found.kind} {found.place_before or '-'} {found.place_now or '-'}"
        for found in compare(listed(before), listed(now))
    ]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("", "", []),
        ("abc", "abc", []),
        ("abc", "xabc", ["x added - 1"]),  # the others only shift
        ("abc", "bc", ["a gone 1 -"]),
        ("abcd", "dabc", ["d up 4 1"]),
        ("abcd", "bcda", ["a down 1 4"]),
        ("abcd", "xdab", ["x added - 1", "d up 4 2", "c gone 3 -"]),
        ("ab", "cd", ["c added - 1", "d added - 2", "a gone 1 -", "b gone 2 -"]),
    ],
)
def test_what_came_went_and_moved_is_named_with_its_places(
    before: str, now: str, expected: list[str]
) -> None:
    assert differences(before, now) == expected


def test_another_headline_and_other_countries_are_differences_and_their_order_is_none() -> None:
    before = [ListedStory(1, "Old words", ("KZ", "PE")), ListedStory(2, "Same", ("GE", "AM"))]
    now = [ListedStory(1, "New words", ("KZ",)), ListedStory(2, "Same", ("AM", "GE"))]
    headline, countries = compare(before, now)
    assert (headline.kind, headline.before, headline.now) == ("title", before[0], now[0])
    assert (countries.kind, countries.before, countries.now) == ("countries", before[0], now[0])


@given(st.permutations("abcdefgh"))
def test_without_what_moved_the_order_is_the_same(now: list[str]) -> None:
    moved = {line[0] for line in differences("abcdefgh", "".join(now))}
    assert sorted(now) == list("abcdefgh")
    kept = [letter for letter in now if letter not in moved]
    assert kept == sorted(kept)
