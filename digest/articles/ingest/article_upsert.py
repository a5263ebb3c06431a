"""Writes drafts as articles, each once, even if its source changes guids, addresses or headlines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from digest.articles.ingest.existing_articles import ExistingArticles, load_existing
from digest.articles.kind_assignment import apply_listed_kind
from digest.articles.models import Article
from digest.articles.pure.drafts import ArticleDraft
from digest.articles.pure.feed_order import editorial_positions
from digest.articles.pure.flood_rules import SourceHistory, decide_hold
from digest.articles.pure.identity import page_of, swap_scheme
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
    """How many drafts became new articles, how many changed existing ones, and how many are held for an editor.

    `repeated` counts drafts that became nothing: another draft, or another source, has their article.
    """

    new: int = 0
    updated: int = 0
    held: int = 0
    repeated: int = 0


class _DraftedArticle(NamedTuple):
    article: Article
    draft: ArticleDraft


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
    existing, drafts = load_existing(tx, source_id, drafts)
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
            guid, existing.by_url[draft.url] = existing.free_guid(draft), article
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
    return UpsertCounts(len(new) - held_count, len(changed), held_count, _count_repeated(existing, drafts))


def _count_repeated(existing: ExistingArticles, drafts: Sequence[ArticleDraft]) -> int:
    """How many drafts are not the first draft of an article of this source."""
    found = filter(None, map(existing.find, drafts))
    return len(drafts) - len({id(article) for article in found if article.source_id == existing.source_id})


def _write(
    tx: Tx,
    existing: ExistingArticles,
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
    for item in new:
        item.article.position = positions[item.draft.url]
    store.add(tx, [_tagged(item) for item in new])
    to_tag = [_tagged(item) for item in changed if not item.article.retagged]
    store.set_tags(tx, to_tag, seen_at)
    store.increment_story_versions(tx, (article.story_id for article, _ in changed if article.retagged))
    _update_kinds(tx, existing, drafts, written=frozenset(item.article for item in new))
    _save_positions(tx, existing, drafts, positions)


def _update_kinds(
    tx: Tx, existing: ExistingArticles, drafts: Sequence[ArticleDraft], *, written: frozenset[Article]
) -> None:
    """Give the source's articles the kinds that its document says now: a source may file an article elsewhere later.

    Those just `written` have theirs.
    """
    found = [(article, draft) for draft in drafts if (article := existing.find(draft)) is not None]
    changed = [
        article.story_id
        for article, draft in found
        if article.source_id == existing.source_id
        and article not in written
        and apply_listed_kind(article, draft.kind, draft.categories, text=draft.text)
    ]
    store.increment_story_versions(tx, changed)


def _tagged(item: _DraftedArticle) -> TaggedArticle:
    return TaggedArticle(item.article, item.draft.tags, item.draft.groups, item.draft.exclusions)


def _positions(drafts: Sequence[ArticleDraft]) -> dict[str, int | None]:
    """The place of each draft in the source's own order, by address."""
    dates = [draft.published_at if draft.date_source != DateSource.SEEN else None for draft in drafts]
    return dict(zip((draft.url for draft in drafts), editorial_positions(dates), strict=True))


def _save_positions(
    tx: Tx, existing: ExistingArticles, drafts: Sequence[ArticleDraft], positions: Mapping[str, int | None]
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
    """The draft's address, unless it is the article's with http instead of https, or another place on its page."""
    is_downgrade = article.url == swap_scheme(draft.url) and article.url.startswith("https:")
    is_same_page = page_of(article.url) == page_of(draft.url)
    return article.url if is_downgrade or is_same_page else draft.url


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
