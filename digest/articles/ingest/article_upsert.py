"""Writes drafts as articles, each once, even if its source changes guids, addresses or headlines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from digest.articles.kind_assignment import apply_listed_kind
from digest.articles.models import Article
from digest.articles.pure.drafts import ArticleDraft, is_same_article
from digest.articles.pure.feed_order import editorial_positions
from digest.articles.pure.flood_rules import SourceHistory, decide_hold
from digest.articles.pure.identity import swap_scheme
from digest.articles.pure.ownership import SourceAddresses, takes_over
from digest.articles.recent_reports import RecentReports
from digest.articles.states import ArticleState, DateSource
from digest.articles.store import articles as store
from digest.articles.store.articles import TaggedArticle
from digest.articles.store.positions import set_positions
from digest.articles.story_assignment import assign_stories
from digest.database import Tx
from digest.sources.store import sources


@dataclass(frozen=True, slots=True)
class UpsertCounts:
    """How many drafts became new articles, how many changed existing ones, and how many are held for an editor."""

    new: int = 0
    updated: int = 0
    held: int = 0


class _DraftedArticle(NamedTuple):
    article: Article
    draft: ArticleDraft


@dataclass(slots=True)
class _Existing:
    """The existing articles that the drafts of one document may be."""

    source_id: int
    listed_urls: frozenset[str]  # all addresses of the document
    by_guid: dict[str, Article] = field(default_factory=dict)
    by_url: dict[str, Article] = field(default_factory=dict)

    def find(self, draft: ArticleDraft) -> Article | None:
        """The article at the draft's address; otherwise the one with its guid, if that article moved to the address."""
        at_url = self.by_url.get(draft.url) or self.by_url.get(swap_scheme(draft.url))
        if at_url is not None:
            return at_url
        same_guid = self.by_guid.get(draft.guid)
        # If the address of that article is still listed, the draft is another article.
        if same_guid is None or same_guid.url in self.listed_urls:
            return None
        is_same = is_same_article(draft, title=same_guid.title, published_at=same_guid.published_at)
        return same_guid if is_same else None

    def free_guid(self, draft: ArticleDraft) -> str | None:
        """The guid to store a draft under: its own, or its address if the guid is in use; None if both are in use."""
        return next((guid for guid in (draft.guid, draft.url) if guid not in self.by_guid), None)


def upsert_articles(
    tx: Tx,
    source_id: int,
    drafts: Sequence[ArticleDraft],
    *,
    seen_at: datetime,
    language: str,
    history: SourceHistory | None = None,
    recent_reports: RecentReports | None = None,
) -> UpsertCounts:
    """Write drafts as articles: new ones join or open a story or are held, existing ones are updated.

    The transaction must hold the lock of `store.articles.lock_ingest`. Without `history` no article is held or counts
    as backlog. Without `recent_reports` they are loaded from the database.
    """
    recent_reports = recent_reports or RecentReports()
    existing = _find_existing(tx, source_id, drafts)
    rivals = _rival_sources(tx, source_id, existing.by_url.values())
    new, changed = list[_DraftedArticle](), list[_DraftedArticle]()
    # Feeds list the newest article first. The oldest is written first, so that ids grow with time.
    for draft in reversed(drafts):
        article = existing.find(draft)
        if article is None:
            if (guid := existing.free_guid(draft)) is not None:
                article = _create(source_id, replace(draft, guid=guid), seen_at=seen_at, language=language)
                existing.by_guid[guid] = existing.by_url[draft.url] = article
                new.append(_DraftedArticle(article, draft))
        elif article.id is not None:  # without an id it is an earlier entry of this document
            guid = existing.free_guid(draft)
            if article.source_id != source_id and guid and _changes_owner(article, draft, source_id, rivals):
                _hand_over(article, replace(draft, guid=guid), source_id=source_id, seen_at=seen_at)
                if article.story_id is None and draft.is_news(seen_at):
                    assign_stories(tx, recent_reports, [article], seen_at)
            if article.source_id == source_id and _differs(article, draft):
                _update(article, draft)
                changed.append(_DraftedArticle(article, draft))
    news, held_count = _hold_or_release(new, seen_at=seen_at, history=history)
    assign_stories(tx, recent_reports, news, seen_at)
    _write(tx, existing, new, changed, drafts=drafts, seen_at=seen_at)
    return UpsertCounts(len(new) - held_count, len(changed), held_count)


def _write(
    tx: Tx,
    existing: _Existing,
    new: Sequence[_DraftedArticle],
    changed: Sequence[_DraftedArticle],
    *,
    drafts: Sequence[ArticleDraft],
    seen_at: datetime,
) -> None:
    listed = [
        article
        for article in existing.by_url.values()
        if article.id is not None and article.source_id == existing.source_id
    ]
    store.mark_listed(tx, listed, seen_at)
    positions = _positions(drafts)
    for article, draft in new:
        article.position = positions[draft.url]
    store.add(tx, [TaggedArticle(article, draft.tags) for article, draft in new])
    to_tag = [TaggedArticle(article, draft.tags) for article, draft in changed if not article.retagged]
    store.set_tags(tx, to_tag, seen_at)
    store.increment_story_versions(tx, (article.story_id for article, _ in changed if article.retagged))
    _update_kinds(tx, existing, drafts)
    _save_positions(tx, existing, drafts, positions)


def _update_kinds(tx: Tx, existing: _Existing, drafts: Sequence[ArticleDraft]) -> None:
    """Give the source's articles the kinds that its document says now: a source may file an article elsewhere later."""
    found = [(article, draft) for draft in drafts if (article := existing.find(draft)) is not None]
    changed = [
        article.story_id
        for article, draft in found
        if article.source_id == existing.source_id
        and apply_listed_kind(article, draft.kind, draft.categories, text=draft.text)
    ]
    store.increment_story_versions(tx, changed)


def _positions(drafts: Sequence[ArticleDraft]) -> dict[str, int | None]:
    """The place of each draft in the source's own order, by address."""
    dates = [draft.published_at if draft.date_source != DateSource.SEEN else None for draft in drafts]
    return dict(zip((draft.url for draft in drafts), editorial_positions(dates), strict=True))


def _save_positions(
    tx: Tx, existing: _Existing, drafts: Sequence[ArticleDraft], positions: Mapping[str, int | None]
) -> None:
    """Record where the source lists its articles now; articles that it no longer lists keep their last place."""
    found = ((existing.find(draft), positions[draft.url]) for draft in drafts)
    set_positions(
        tx,
        {
            article.id: position
            for article, position in found
            if article is not None
            and article.source_id == existing.source_id
            and article.position != position
        },
    )


def _find_existing(tx: Tx, source_id: int, drafts: Sequence[ArticleDraft]) -> _Existing:
    urls = [draft.url for draft in drafts]
    guids = [draft.guid for draft in drafts]
    articles = store.find_existing(tx, source_id, [*guids, *urls], [*urls, *map(swap_scheme, urls)])
    existing = _Existing(
        source_id,
        frozenset(urls),
        by_guid={article.guid: article for article in articles if article.source_id == source_id},
        by_url={article.url: article for article in articles},
    )
    _find_by_title_and_date(tx, existing, drafts)
    return existing


def _find_by_title_and_date(tx: Tx, existing: _Existing, drafts: Sequence[ArticleDraft]) -> None:
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


def _rival_sources(tx: Tx, source_id: int, articles: Iterable[Article]) -> dict[int, SourceAddresses]:
    """By source id, the addresses of the sources that list these articles; empty if all belong to this source."""
    others = {article.source_id for article in articles} - {source_id}
    if not others:
        return {}
    rows = sources.by_ids(tx, others | {source_id})
    return {row.id: SourceAddresses(row.url, row.link) for row in rows}


def _changes_owner(
    article: Article, draft: ArticleDraft, source_id: int, rivals: Mapping[int, SourceAddresses]
) -> bool:
    return takes_over(draft.url, newcomer=rivals[source_id], holder=rivals[article.source_id])


def _hand_over(article: Article, draft: ArticleDraft, *, source_id: int, seen_at: datetime) -> None:
    """Give an article to the source of its publisher. That source's date decides anew whether the article is news."""
    article.source_id, article.guid, article.listed_at = source_id, draft.guid, seen_at
    article.published_at, article.date_source = draft.published_at, draft.date_source
    article.content_hash, article.state = "", ArticleState.RELEASED
    if article.story_id is None and draft.is_news(seen_at):
        article.title, article.text, article.seen_at = draft.title, draft.text, seen_at


def _choose_url(article: Article, draft: ArticleDraft) -> str:
    """The draft's address, unless it is the article's with http instead of https."""
    is_downgrade = article.url == swap_scheme(draft.url) and article.url.startswith("https:")
    return article.url if is_downgrade else draft.url


def _differs(article: Article, draft: ArticleDraft) -> bool:
    return (article.content_hash, article.url) != (draft.content_hash, _choose_url(article, draft))


def _create(source_id: int, draft: ArticleDraft, *, seen_at: datetime, language: str) -> Article:
    image_width, image_height = draft.image_size or (None, None)
    return Article(
        source_id=source_id,
        url=draft.url,
        guid=draft.guid,
        title=draft.title,
        excerpt=draft.excerpt,
        text=draft.text,
        author=draft.author,
        language=language,
        published_at=draft.published_at,
        date_source=draft.date_source,
        seen_at=seen_at,
        listed_at=seen_at,
        content_hash=draft.content_hash,
        kind=draft.kind.kind,
        kind_reason=draft.kind.reason,
        categories=list(draft.categories),
        image_url=draft.image_url,
        image_width=image_width,
        image_height=image_height,
        state=ArticleState.RELEASED,
    )


def _hold_or_release(
    new: Sequence[_DraftedArticle], *, seen_at: datetime, history: SourceHistory | None
) -> tuple[Sequence[Article], int]:
    """The new articles that are news, and how many articles are held.

    If any are held, none counts as news. The backlog of a first document is never held.
    """
    is_first_document = history is not None and history.last_success_at is None
    fresh = [article for article, draft in new if draft.is_news(seen_at, first=is_first_document)]
    old = [article for article, draft in new if not draft.is_news(seen_at, first=is_first_document)]
    hold = decide_hold(fresh, old, history=history, now=seen_at) if history else ArticleState.RELEASED
    if hold == ArticleState.RELEASED:
        return fresh, 0
    held = fresh if is_first_document else [*fresh, *old]
    for article in held:
        article.state = hold
    return [], len(held)


def _update(article: Article, draft: ArticleDraft) -> None:
    article.title, article.excerpt, article.text = draft.title, draft.excerpt, draft.text
    article.author, article.content_hash = draft.author, draft.content_hash
    article.url, article.image_url = _choose_url(article, draft), draft.image_url
    article.image_width, article.image_height = draft.image_size or (None, None)
