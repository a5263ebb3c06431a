"""What the kinds of articles mean for stories: who may join, who may lead, and which digests show a story."""

from collections import Counter
from collections.abc import Iterable, Sequence

from digest.articles.states import (
    HARD_NEWS,
    NEVER_JOINS,
    NEVER_LEADS,
    NEVER_MAILED,
    READER_CHOICE,
    SUBJECTS,
    ArticleKind,
    Kinds,
)


def may_join(kind: ArticleKind) -> bool:
    """Whether an article of this kind may be in a story with others. Otherwise it is a story by itself."""
    return kind not in NEVER_JOINS


def may_lead(kind: ArticleKind) -> bool:
    """Whether an article of this kind may lead a story that has others. One of another kind leads if there is none."""
    return kind not in NEVER_LEADS


def story_kind(kinds: Sequence[ArticleKind]) -> ArticleKind:
    """The kind of a story whose reports have these kinds; the first of them is the lead.

    If more than half of the reports are on sport, culture or lifestyle, it is the one that most of them are. So a match
    that a news agency also reports stays sport, a product that two trades report is no news, and a death that two
    sports pages and two front pages report is news. Otherwise it is news if any report is, whatever films and analyses
    go with it; and otherwise the kind of the lead.
    """
    if not kinds:
        return ArticleKind.NEWS
    light = Counter(kind for kind in kinds if kind in SUBJECTS)
    if 2 * light.total() > len(kinds):
        return light.most_common(1)[0][0]
    return ArticleKind.NEWS if ArticleKind.NEWS in kinds else kinds[0]


def shown_kinds(default_kinds: Kinds, chosen: Iterable[str] | None) -> Kinds:
    """The kinds that a reader gets beside hard news: the operator's, or with a choice, of READER_CHOICE the chosen."""
    if chosen is None:
        return default_kinds
    return (default_kinds - frozenset(READER_CHOICE)) | frozenset(map(ArticleKind, chosen))


def mailed_kinds(chosen: Iterable[ArticleKind]) -> Kinds:
    """The kinds that a digest shows: hard news, and what was chosen besides, apart from what is never mailed."""
    return (HARD_NEWS | frozenset(chosen)) - NEVER_MAILED
