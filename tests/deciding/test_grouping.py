"""Which reports are one story, decided from their words alone."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.clustering import Piece, group, least_likeness, least_of_two, likenesses, text_key
from digest.articles.pure.similarity import Window, terms

FLOOD = (
    "Floods cut off villages near Osh",
    "Heavy rain made the Ak-Buura river leave its banks on Tuesday and cut off nine villages near Osh. Rescuers took"
    " 140 people to schools in the city, the emergency ministry said. Two bridges at Papan were washed away.",
)
FLOOD_TOO = (
    "Nine villages near Osh cut off as river floods",
    "Rescuers brought 140 people from nine villages to schools in Osh after the Ak-Buura river left its banks. The"
    " emergency ministry said that two bridges at Papan were gone and that more rain was coming on Wednesday.",
)
OTHER_FLOOD = (
    "Floods close roads in Batumi",
    "Water stood half a metre high in the streets of Batumi on Tuesday after a storm from the Black Sea. The mayor's"
    " office closed the coastal road and asked people to leave their cars at home.",
)
MATCH = (
    "Dinamo wins the derby",
    "Dinamo beat Torpedo 3-1 in Tbilisi with two goals by the young striker Gela Mamardashvili, and leads the league.",
)


def stories_of(*reports: tuple[str, str]) -> list[set[int]]:
    """Groups of the numbers of reports, each of a source of its own."""
    window = Window()
    for n, filler in enumerate(FILLER):
        window.add(1000 + n, terms(*filler))
    new = {n: terms(*report) for n, report in enumerate(reports)}
    pieces = [Piece(n, f"s{n}", text_key=text_key(text)) for n, (_, text) in enumerate(reports)]
    return sorted(({p.key for p in found} for found in group(pieces, likenesses(window, new))), key=min)


FILLER = [
    (
        f"The {a} of {b} in the news",
        f"On {a} the town of {b} heard that the council would meet, the ministry said.",
    )
    for a, b in itertools.product(
        ["Monday", "harvest", "railway", "museum"], ["Gori", "Naryn", "Khorog", "Shusha"]
    )
]


def test_two_reports_of_one_flood_are_one_story_and_another_flood_is_not() -> None:
    assert stories_of(FLOOD, OTHER_FLOOD, FLOOD_TOO, MATCH) == [{0, 2}, {1}, {3}]


def test_identical_texts_are_one_story_whatever_their_headlines() -> None:
    wire = " ".join(f"word{n}" for n in range(40))
    assert stories_of(("A headline here", wire), ("Quite another title", wire.upper())) == [{0, 1}]


def test_a_notice_in_place_of_each_text_makes_no_story_of_them() -> None:
    notice = [Piece(n, "a", title_key=f"t{n}", text_key="notice") for n in range(3)]
    other = Piece(9, "b", title_key="other", text_key="notice")
    assert keys(group([*notice, other], {})) == [{0}, {1}, {2}, {9}]


def test_headlines_of_one_kind_of_event_without_a_text_stay_apart() -> None:
    assert stories_of(("Quake shakes Almaty", ""), ("Quake shakes Tokyo", ""), ("Quake shakes Lima", "")) == [
        {0},
        {1},
        {2},
    ]


def test_headlines_too_short_to_tell_anything_join_nothing() -> None:
    assert stories_of(("Live updates", ""), ("Live updates", "")) == [{0}, {1}]


def test_texts_without_spaces_between_words_are_compared_too() -> None:
    one = ("塔什干发生强烈地震", "周二晚上塔什干发生强烈地震,居民跑到街上。当局说没有人员伤亡。")
    two = ("塔什干强烈地震无人伤亡", "当局说,周二晚上塔什干的强烈地震没有造成人员伤亡,居民跑到街上。")
    assert stories_of(one, two, ("比什凯克新公园开放", "市长说,比什凯克的新公园周六开放,有三百棵树。")) == [
        {0, 1},
        {2},
    ]


def alike(*pairs: tuple[int, int], like: float = 0.5) -> dict[tuple[int, int], float]:
    return dict.fromkeys(pairs, like)


def keys(groups: list[list[Piece]]) -> list[set[int]]:
    return sorted(({piece.key for piece in found} for found in groups), key=min)


def test_a_chain_of_half_alike_reports_is_no_story() -> None:
    pieces = [Piece(n, str(n)) for n in range(3)]
    assert keys(group(pieces, {(0, 1): 0.6, (1, 2): 0.5})) == [{0, 1}, {2}]


def test_two_items_of_one_source_are_two_stories_unless_identical() -> None:
    assert keys(group([Piece(0, "a"), Piece(1, "a")], alike((0, 1)))) == [{0}, {1}]
    same = [Piece(0, "a", text_key="x"), Piece(1, "a", text_key="x")]
    assert keys(group(same, alike((0, 1)))) == [{0, 1}]


def test_a_new_report_joins_a_story_only_if_like_every_report_of_it() -> None:
    known = [Piece(0, "a", story=7), Piece(1, "b", story=7)]
    assert keys(group([*known, Piece(2, "c")], alike((0, 2), (1, 2)))) == [{0, 1, 2}]
    assert keys(group([*known, Piece(2, "c")], alike((0, 2)))) == [{0, 1}, {2}]


def test_stories_that_exist_are_never_joined_by_a_report_like_both() -> None:
    pieces = [Piece(0, "a", story=1), Piece(1, "b", story=2), Piece(2, "c")]
    found = group(pieces, {(0, 2): 0.5, (1, 2): 0.9})
    assert keys(found) == [{0}, {1, 2}]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, 1, 2])), max_size=9),
    st.data(),
)
def test_whatever_is_alike_each_piece_is_in_one_group_and_the_rules_hold(
    given_pieces: list[tuple[str, int | None]], data: st.DataObject
) -> None:
    pieces = [Piece(n, source, story=story) for n, (source, story) in enumerate(given_pieces)]
    pairs = list(itertools.combinations(range(len(pieces)), 2))
    some = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    links = {pair: data.draw(st.floats(0.2, 1)) for pair in some}
    groups = group(pieces, links)
    assert sorted(piece.key for found in groups for piece in found) == list(range(len(pieces)))
    for found in groups:
        assert len({piece.story for piece in found} - {None}) <= 1
        new = [piece for piece in found if piece.story is None]
        for one, other in itertools.combinations(found, 2):
            if one in new or other in new:
                assert (min(one.key, other.key), max(one.key, other.key)) in links
                assert one.source != other.source


@given(st.permutations(range(4)))
def test_the_order_in_which_reports_are_listed_decides_nothing(order: list[int]) -> None:
    pieces = [Piece(n, str(n)) for n in order]
    assert keys(group(pieces, {(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.7, (2, 3): 0.65})) == [{0, 1, 2}, {3}]


def test_what_was_tried_leaves_no_trace_in_the_window() -> None:
    window = Window()
    window.add(1, terms(*FLOOD))
    assert (1, 2) in likenesses(window, {2: terms(*FLOOD)})
    assert len(window) == 1
    assert 2 not in window
    window.add(2, terms(*MATCH))
    window.forget_all_but([2])
    assert (len(window), 1 in window, 2 in window) == (1, False, True)


@pytest.mark.parametrize(
    ("texts", "least"), [(1, 0.26), (50, 0.26), (300, 0.199), (800, 0.165), (90_000, 0.165)]
)
def test_in_a_window_of_few_texts_more_likeness_is_asked_for(texts: int, least: float) -> None:
    assert least_likeness(texts) == pytest.approx(least, abs=0.001)


@pytest.mark.parametrize(
    ("new", "texts", "least"), [(800, 800, 0.165), (10, 800, 0.214), (400, 800, 0.19), (1, 1, 0.26)]
)
def test_two_lone_reports_must_be_more_alike_when_few_of_the_window_are_placed_at_a_time(
    new: int, texts: int, least: float
) -> None:
    assert least_of_two(new, texts) == pytest.approx(least, abs=0.001)


def test_a_pair_needs_more_likeness_than_joining_a_story_of_several() -> None:
    pieces = [Piece(1), Piece(2), Piece(3), Piece(4, story=9), Piece(5, story=9)]
    near = alike((1, 2), like=0.2) | alike((3, 4), (3, 5), like=0.2)
    assert keys(group(pieces, near, of_two=0.21)) == [{1}, {2}, {3, 4, 5}]
    assert keys(group(pieces, near, of_two=0.2)) == [{1, 2}, {3, 4, 5}]
