"""How headlines are cut for subjects and preheaders, and which places count, on both sides of each limit."""

from datetime import UTC, datetime

import pytest

from digest.articles.pure.shown_story import MIN_EXCERPT
from digest.editions.pure.headline_cuts import cut_headline
from digest.editions.pure.in_brief import is_brief
from digest.editions.pure.preheader import build_preheader, not_in_subject
from digest.editions.pure.publishers_order import PublishedReport, score_by_publishers
from tests.editions.sample_digest import make_story

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "limit", "cut"),
    [
        ("abcdefghijk, lmnop qrs tuv", 20, "abcdefghijk…"),  # a pause at 55 % of the room
        ("abcdefghij, lmnop qrs tuv", 20, "abcdefghij, lmnop…"),
        ("abcde fghi jklmno", 11, "abcde fghi…"),  # the room ends with a word
        ("abcde fghijklmn", 11, "abcde…"),  # half of the room is enough
        ("abcd fghijklmnop", 11, "abcd fghij…"),
        ("abcdefgh of thing", 12, "abcdefgh of…"),  # two words stay
        ("abcde fghij of thingy", 15, "abcde fghij…"),
        ("abcde fghij the thingy", 16, "abcde fghij…"),
        ("abcde fghij with thingy", 17, "abcde fghij with…"),
        ("abcde 12345 of thingy", 15, "abcde 12345…"),
        ("abcde fghij 12 thingy", 15, "abcde fghij 12…"),
        ("abcde fghij kl of the thingy", 22, "abcde fghij kl…"),  # two short words go, not three
        ("abcdefghij (lmno pqr stuv wx)", 20, "abcdefghij…"),
        ("abcdefghi (lmno pqr stuv wxyz)", 20, "abcdefghi (lmno…"),  # too far from the end
        ("abcdefghijklm (mn «op qrst uvwxyz» ab)", 24, "abcdefghijklm…"),  # both are open
        ("abc (defghijkl) «mn op qrst uvwxyz» ab", 24, "abc (defghijkl)…"),
    ],
)
def test_a_headline_is_cut_where_it_still_makes_sense(line: str, limit: int, cut: str) -> None:
    assert cut_headline(line, limit) == cut


def preheader(*headlines: str, excerpt: str = "", intro: str = "") -> str:
    return build_preheader(headlines, lambda: excerpt, intro)


def test_one_headline_has_all_the_room_of_a_preheader() -> None:
    assert preheader("x" * 140) == "x" * 140
    assert preheader("x" * 141) == "x" * 139 + "…"


def test_several_headlines_have_65_characters_each() -> None:
    assert preheader("x" * 65, "y" * 66) == "x" * 65 + " · " + "y" * 64 + "…"


def test_there_are_three_headlines_at_most_and_none_is_begun_that_does_not_fit() -> None:
    four = [letter * 20 for letter in "abcd"]
    assert preheader(*four) == " · ".join(four[:3])
    two = ["x" * 65, "y" * 65]
    assert preheader(*two, "zzzz") == " · ".join([*two, "zzzz"])  # 140 characters
    assert preheader(*two, "zzzzz") == " · ".join(two)


def test_what_is_shorter_than_40_characters_goes_on_with_the_excerpt_and_then_the_intro() -> None:
    assert preheader("x" * 40, excerpt="excerpt", intro="intro") == "x" * 40
    assert preheader("x" * 39, excerpt="excerpt", intro="intro") == "x" * 39 + " · excerpt"
    assert preheader("x" * 10, excerpt="y" * 27, intro="intro") == "x" * 10 + " · " + "y" * 27
    assert preheader("x" * 10, excerpt="y" * 26, intro="intro") == "x" * 10 + " · " + "y" * 26 + " · intro"


def test_a_subject_quotes_a_headline_by_its_first_30_characters() -> None:
    headline = "a" * 29 + "bc"
    assert list(not_in_subject(f"News: {headline[:30]}…", [headline])) == []
    assert list(not_in_subject(f"News: {headline[:29]}…", [headline, headline])) == [headline]


def test_the_first_place_counts_one_and_equal_places_go_to_the_newer_story() -> None:
    reports = [PublishedReport(story, story, source, NOON, 1) for source, story in enumerate((7, 8), start=1)]
    scores = score_by_publishers(reports)
    assert [(story, scores[story].points) for story in sorted(scores, key=lambda s: -scores[s].points)] == [
        (8, 1.0), (7, 0.5)
    ]  # fmt: skip


def test_an_excerpt_of_40_characters_says_more_than_a_headline() -> None:
    assert MIN_EXCERPT == 40
    assert not is_brief(make_story("Headline", excerpt="x" * 40))
    assert is_brief(make_story("Headline", excerpt="x" * 39))
