"""Which kinds of articles a digest shows: hard news, what was chosen besides, and never what is paid for."""

from collections.abc import Sequence
from datetime import UTC, datetime

from digest.articles.states import HARD_NEWS, NEVER_MAILED, ArticleKind, Kinds
from digest.editions.pure.selection import Candidate, CountryRelevance, StoryIndex, select_stories

START = datetime(2026, 3, 10, tzinfo=UTC)
WORLD = {"kz": frozenset({"KZ"})}


def of_kind(number: int, kind: ArticleKind, *, pinned: int = 0) -> Candidate:
    """A story about Kazakhstan that is new since the window's start."""
    about = (CountryRelevance("KZ", 1.0, START),)
    return Candidate(number, 1, START, about, pinned=pinned, kind=kind)


def shown(stories: Sequence[Candidate], kinds: Kinds = HARD_NEWS) -> list[int]:
    index = StoryIndex(stories, WORLD.__getitem__)
    selection = select_stories(index, ["kz"], start=START, max_in_mail=15, kinds=kinds)
    return sorted(candidate.id for section in selection.mail for candidate in section.stories)


def test_without_a_choice_a_digest_has_hard_news_only() -> None:
    stories = [of_kind(number, kind) for number, kind in enumerate(ArticleKind)]
    assert shown(stories) == [number for number, kind in enumerate(ArticleKind) if kind in HARD_NEWS]


def test_a_chosen_kind_comes_beside_hard_news() -> None:
    stories = [of_kind(1, ArticleKind.NEWS), of_kind(2, ArticleKind.SPORT), of_kind(3, ArticleKind.CULTURE)]
    assert shown(stories, HARD_NEWS | {ArticleKind.SPORT}) == [1, 2]


def test_digests_of_different_kinds_do_not_share_what_is_remembered_for_a_window() -> None:
    index = StoryIndex([of_kind(1, ArticleKind.SPORT)], WORLD.__getitem__)
    assert not index.stories_for("kz", START).new
    assert list(index.stories_for("kz", START, HARD_NEWS | {ArticleKind.SPORT}).new) == [1]


def test_a_pinned_story_is_shown_whatever_its_kind() -> None:
    assert shown([of_kind(1, ArticleKind.SPORT, pinned=1)]) == [1]


def test_what_is_never_mailed_is_not_shown_even_if_it_is_pinned() -> None:
    assert shown([of_kind(number, kind, pinned=1) for number, kind in enumerate(sorted(NEVER_MAILED))]) == []
