"""Gives articles the kinds that the rules decide; a kind that an editor chose stays."""

from collections.abc import Sequence

from digest.articles.models import Article
from digest.articles.pure.article_kinds import KindInput, KindVerdict, classify
from digest.articles.states import ArticleKind
from digest.errors import InvalidInputError, NewsroomText


def parse_kind(text: str) -> ArticleKind:
    """The kind with this name. Raises InvalidInputError if there is none."""
    if text not in frozenset(ArticleKind):
        raise InvalidInputError(
            NewsroomText(
                '"%(text)s" is not a kind of article (example: %(news)s).',
                text=text[:20],
                news=ArticleKind.NEWS,
            )
        )
    return ArticleKind(text)


def classify_article(article: Article) -> KindVerdict:
    """What the rules say of a stored article."""
    return classify(KindInput(article.title, article.url, article.categories, article.language, article.text))


def apply_verdict(article: Article, verdict: KindVerdict) -> bool:
    """Give an article this kind, unless an editor chose one. Returns whether its kind has changed."""
    if article.kind_chosen:
        return False
    has_changed = article.kind != verdict.kind
    # Setting what is there already would have the database layer compare the whole article when it saves.
    if has_changed or article.kind_reason != verdict.reason:
        article.kind, article.kind_reason = verdict.kind, verdict.reason
    return has_changed


def apply_listed_kind(
    article: Article, verdict: KindVerdict, categories: Sequence[str], *, text: str
) -> bool:
    """Give an article what its source lists now. Returns whether its kind has changed.

    Without a `text` in the list, "video" says nothing new: the page may have given a written report.
    """
    if article.categories != (listed := list(categories)):
        article.categories = listed
    if verdict.kind == ArticleKind.VIDEO and not text:
        return False
    return apply_verdict(article, verdict)
