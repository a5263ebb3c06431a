"""Groups articles that are in no database into stories."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from digest.articles.pure.clustering import ClusterItem, cluster, score_pairs
from digest.articles.pure.duplicate_keys import text_key, title_key
from digest.articles.pure.similarity import SimilarityIndex, weigh_terms


class GroupedArticle(Protocol):
    """What grouping needs of an article."""

    @property
    def key(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def at(self) -> datetime: ...


def group_articles(
    articles: Iterable[tuple[GroupedArticle, Mapping[str, float]]],
) -> Sequence[tuple[tuple[int, ...], int]]:
    """The stories: the keys of the articles of each, and the number of its thread. Countries come with each article."""
    given = [article for article, _ in articles]
    items = [
        ClusterItem(article.key, article.source, title_key(article.title), text_key(article.text))
        for article in given
    ]
    terms = {article.key: weigh_terms(article.title, article.text) for article in given}
    groups = cluster(items, score_pairs(SimilarityIndex(), terms))
    return [
        (tuple(sorted(item.key for item in group)), number) for number, group in enumerate(groups, start=1)
    ]
