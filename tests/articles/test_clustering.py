"""Which articles become one story, decided by their words alone."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.clustering import (
    ClusterItem,
    cluster,
    pair_threshold,
    score_pairs,
    similarity_threshold,
)
from digest.articles.pure.duplicate_keys import text_key
from digest.articles.pure.similarity import SimilarityIndex, weigh_terms

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


def stories_of(*articles: tuple[str, str]) -> list[set[int]]:
    """The numbers of the articles by story; each article is from another source."""
    index = SimilarityIndex()
    for n, filler in enumerate(FILLER):
        index.add(1000 + n, weigh_terms(*filler))
    new = {n: weigh_terms(*article) for n, article in enumerate(articles)}
    items = [ClusterItem(n, f"s{n}", text_key=text_key(text)) for n, (_, text) in enumerate(articles)]
    return keys(cluster(items, score_pairs(index, new)))


FILLER = [
    (
        f"The {a} of {b} in the news",
        f"On {a} the town of {b} heard that the council would meet, the ministry said.",
    )
    for a, b in itertools.product(
        ["Monday", "harvest", "railway", "museum"], ["Gori", "Naryn", "Khorog", "Shusha"]
    )
]


def test_two_articles_about_one_flood_are_one_story_and_another_flood_is_not() -> None:
    assert stories_of(FLOOD, OTHER_FLOOD, FLOOD_TOO, MATCH) == [{0, 2}, {1}, {3}]


def test_identical_texts_are_one_story_whatever_their_headlines() -> None:
    wire = " ".join(f"word{n}" for n in range(40))
    assert stories_of(("A headline here", wire), ("Quite another title", wire.upper())) == [{0, 1}]


def test_a_notice_in_place_of_each_text_makes_no_story_of_them() -> None:
    notice = [ClusterItem(n, "a", title_key=f"t{n}", text_key="notice") for n in range(3)]
    other = ClusterItem(9, "b", title_key="other", text_key="notice")
    assert keys(cluster([*notice, other], {})) == [{0}, {1}, {2}, {9}]


def test_headlines_of_one_kind_of_event_without_a_text_stay_apart() -> None:
    assert stories_of(("Quake shakes Almaty", ""), ("Quake shakes Tokyo", ""), ("Quake shakes Lima", "")) == [
        {0},
        {1},
        {2},
    ]


def test_headlines_of_few_words_join_nothing() -> None:
    assert stories_of(("Live updates", ""), ("Live updates", "")) == [{0}, {1}]


def test_texts_without_spaces_between_words_are_compared_too() -> None:
    one = ("塔什干发生强烈地震", "周二晚上塔什干发生强烈地震,居民跑到街上。当局说没有人员伤亡。")
    two = ("塔什干强烈地震无人伤亡", "当局说,周二晚上塔什干的强烈地震没有造成人员伤亡,居民跑到街上。")
    assert stories_of(one, two, ("比什凯克新公园开放", "市长说,比什凯克的新公园周六开放,有三百棵树。")) == [
        {0, 1},
        {2},
    ]


def similar(*pairs: tuple[int, int], score: float = 0.5) -> dict[tuple[int, int], float]:
    return dict.fromkeys(pairs, score)


def keys(groups: list[list[ClusterItem]]) -> list[set[int]]:
    return sorted(({item.key for item in group} for group in groups), key=min)


def test_a_chain_of_articles_similar_only_to_their_neighbours_is_no_story() -> None:
    items = [ClusterItem(n, str(n)) for n in range(3)]
    assert keys(cluster(items, {(0, 1): 0.6, (1, 2): 0.5})) == [{0, 1}, {2}]


def test_two_items_of_one_source_are_two_stories_unless_identical() -> None:
    assert keys(cluster([ClusterItem(0, "a"), ClusterItem(1, "a")], similar((0, 1)))) == [{0}, {1}]
    same = [ClusterItem(0, "a", text_key="x"), ClusterItem(1, "a", text_key="x")]
    assert keys(cluster(same, similar((0, 1)))) == [{0, 1}]


def test_a_new_article_joins_a_story_only_if_similar_to_all_of_its_articles() -> None:
    known = [ClusterItem(0, "a", story=7), ClusterItem(1, "b", story=7)]
    assert keys(cluster([*known, ClusterItem(2, "c")], similar((0, 2), (1, 2)))) == [{0, 1, 2}]
    assert keys(cluster([*known, ClusterItem(2, "c")], similar((0, 2)))) == [{0, 1}, {2}]


def test_existing_stories_are_never_joined_by_an_article_similar_to_both() -> None:
    items = [ClusterItem(0, "a", story=1), ClusterItem(1, "b", story=2), ClusterItem(2, "c")]
    groups = cluster(items, {(0, 2): 0.5, (1, 2): 0.9})
    assert keys(groups) == [{0}, {1, 2}]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, 1, 2])), max_size=9),
    st.data(),
)
def test_with_any_similarities_each_item_is_in_one_group_and_the_rules_hold(
    sources_and_stories: list[tuple[str, int | None]], data: st.DataObject
) -> None:
    items = [ClusterItem(n, source, story=story) for n, (source, story) in enumerate(sources_and_stories)]
    pairs = list(itertools.combinations(range(len(items)), 2))
    similar_pairs = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    scores = {pair: data.draw(st.floats(0.2, 1)) for pair in similar_pairs}
    groups = cluster(items, scores)
    assert sorted(item.key for group in groups for item in group) == list(range(len(items)))
    for group in groups:
        assert len({item.story for item in group} - {None}) <= 1
        new = [item for item in group if item.story is None]
        for first, second in itertools.combinations(group, 2):
            if first in new or second in new:
                assert (min(first.key, second.key), max(first.key, second.key)) in scores
                assert first.source != second.source


@given(st.permutations(range(4)))
def test_the_order_of_the_articles_decides_nothing(order: list[int]) -> None:
    items = [ClusterItem(n, str(n)) for n in order]
    assert keys(cluster(items, {(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.7, (2, 3): 0.65})) == [{0, 1, 2}, {3}]


def test_temporary_texts_leave_no_trace_in_the_index() -> None:
    index = SimilarityIndex()
    index.add(1, weigh_terms(*FLOOD))
    assert (1, 2) in score_pairs(index, {2: weigh_terms(*FLOOD)})
    assert len(index) == 1
    assert 2 not in index
    index.add(2, weigh_terms(*MATCH))
    index.keep_only([2])
    assert (len(index), 1 in index, 2 in index) == (1, False, True)


@pytest.mark.parametrize(
    ("text_count", "threshold"), [(1, 0.26), (50, 0.26), (300, 0.199), (800, 0.165), (90_000, 0.165)]
)
def test_a_window_of_few_texts_needs_more_similarity(text_count: int, threshold: float) -> None:
    assert similarity_threshold(text_count) == pytest.approx(threshold, abs=0.001)


@pytest.mark.parametrize(
    ("new_count", "text_count", "threshold"),
    [(800, 800, 0.165), (10, 800, 0.214), (400, 800, 0.19), (1, 1, 0.26)],
)
def test_two_single_articles_need_more_similarity_when_few_texts_of_the_window_are_placed(
    new_count: int, text_count: int, threshold: float
) -> None:
    assert pair_threshold(new_count, text_count) == pytest.approx(threshold, abs=0.001)


def test_a_pair_needs_more_similarity_than_joining_a_story_of_several() -> None:
    items = [
        ClusterItem(1),
        ClusterItem(2),
        ClusterItem(3),
        ClusterItem(4, story=9),
        ClusterItem(5, story=9),
    ]
    scores = similar((1, 2), score=0.2) | similar((3, 4), (3, 5), score=0.2)
    assert keys(cluster(items, scores, min_pair_score=0.21)) == [{1}, {2}, {3, 4, 5}]
    assert keys(cluster(items, scores, min_pair_score=0.2)) == [{1, 2}, {3, 4, 5}]
