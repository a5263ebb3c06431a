"""Finds the articles that the drafts of one document already are."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from digest.articles.models import Article
from digest.articles.pure.drafts import ArticleDraft, is_same_article
from digest.articles.pure.identity import swap_scheme
from digest.articles.states import DateSource
from digest.articles.store import articles as store
from digest.database import Tx


@dataclass(slots=True)
class ExistingArticles:
    """The existing articles that the drafts of one document may be."""

    source_id: int
    listed_urls: frozenset[str]  # all addresses of the document
    by_guid: dict[str, Article] = field(default_factory=dict)
    by_url: dict[str, Article] = field(default_factory=dict)

    def find(self, draft: ArticleDraft) -> Article | None:
        """The article at the draft's address; otherwise the one with its guid, if that article moved to the address."""
        at_url = self.at_address(draft)
        if at_url is not None:
            return at_url
        same_guid = self.by_guid.get(draft.guid)
        # If the address of that article is still listed, the draft is another article.
        if same_guid is None or same_guid.url in self.listed_urls:
            return None
        is_same = is_same_article(draft, title=same_guid.title, published_at=same_guid.published_at)
        return same_guid if is_same else None

    def at_address(self, draft: ArticleDraft) -> Article | None:
        """The article at the draft's address, whatever its guid."""
        return self.by_url.get(draft.url) or self.by_url.get(swap_scheme(draft.url))

    def free_guid(self, draft: ArticleDraft) -> str | None:
        """The guid to store a draft under: its own, or its address if the guid is in use; None if both are in use."""
        return next((guid for guid in (draft.guid, draft.url) if guid not in self.by_guid), None)


def load_existing(
    tx: Tx, source_id: int, drafts: Sequence[ArticleDraft]
) -> tuple[ExistingArticles, Sequence[ArticleDraft]]:
    """The articles that the drafts may be, and the drafts: some at another address, because theirs has other news."""
    existing = _find_existing(tx, source_id, drafts)
    separated = [_separate(existing, draft) for draft in drafts]
    if all(map(lambda new, old: new is old, separated, drafts)):
        return existing, drafts
    return _find_existing(tx, source_id, separated), separated


def _separate(existing: ExistingArticles, draft: ArticleDraft) -> ArticleDraft:
    """The draft, at its own address if its page is that of an earlier entry of the source with other news."""
    article = existing.at_address(draft)
    if article is None or article.source_id != existing.source_id or not draft.own_url:
        return draft
    return replace(draft, url=draft.own_url) if _is_other_news(article, draft) else draft


def _is_other_news(article: Article, draft: ArticleDraft) -> bool:
    """Whether the source gives one link to two articles: their guids, headlines and dates all differ.

    An article that is stored under its address has no guid of its own, or lost it to another entry.
    """
    has_guid = article.guid != article.url
    same_date = (
        DateSource.SEEN not in (article.date_source, draft.date_source)
        and article.published_at == draft.published_at
    )
    return has_guid and article.guid != draft.guid and article.title != draft.title and not same_date


def _find_existing(tx: Tx, source_id: int, drafts: Sequence[ArticleDraft]) -> ExistingArticles:
    urls = [draft.url for draft in drafts]
    guids = [draft.guid for draft in drafts]
    articles = store.find_existing(tx, source_id, [*guids, *urls], [*urls, *map(swap_scheme, urls)])
    existing = ExistingArticles(
        source_id,
        frozenset(urls),
        by_guid={article.guid: article for article in articles if article.source_id == source_id},
        by_url={article.url: article for article in articles},
    )
    _find_by_title_and_date(tx, existing, drafts)
    return existing


def _find_by_title_and_date(tx: Tx, existing: ExistingArticles, drafts: Sequence[ArticleDraft]) -> None:
    """Find the articles whose guid and address both changed, as when a site moves to new software.

    They have the headline and date of a draft, and the document no longer lists them at their old address.
    """
    not_found = {
        (draft.title, draft.published_at): draft
        for draft in drafts
        if draft.date_source != DateSource.SEEN and existing.find(draft) is None
    }
    dates = sorted({published_at for _, published_at in not_found})
    for article in store.by_published_at(tx, existing.source_id, dates):
        draft = not_found.get((article.title, article.published_at))
        is_listed = article.url in existing.listed_urls or article.guid in existing.by_guid
        if draft is not None and not is_listed:
            existing.by_url[draft.url] = existing.by_guid[article.guid] = article
