"""Writing drafts as articles: each once, whatever its source does with guids, addresses and headlines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from digest.articles.models import Article
from digest.articles.pure.drafts import Draft, moved
from digest.articles.pure.flood_rules import Past, hold
from digest.articles.pure.identity import other_scheme
from digest.articles.pure.ownership import Publisher, takes_over
from digest.articles.store import articles as store
from digest.articles.story_assignment import Newsroom, place
from digest.database import Tx
from digest.sources.store import sources


@dataclass(frozen=True, slots=True)
class Saved:
    """How many drafts became new articles, how many changed known ones, and how many wait for an editor."""

    new: int = 0
    updated: int = 0
    held: int = 0


@dataclass(slots=True)
class _Known:
    """The articles that a document's entries may be, as they are looked up."""

    source_id: int
    listed: frozenset[str]  # all addresses of the document
    by_guid: dict[str, Article] = field(default_factory=dict)
    by_url: dict[str, Article] = field(default_factory=dict)

    def of(self, draft: Draft) -> Article | None:
        """The article that a draft is: by its address, else by its guid if it is the same one at a new address."""
        at_url = self.by_url.get(draft.url) or self.by_url.get(other_scheme(draft.url))
        if at_url is not None:
            return at_url
        same = self.by_guid.get(draft.guid)
        if same is None or same.url in self.listed:  # it is listed itself, so this is another one
            return None
        return same if moved(draft, title=same.title, published_at=same.published_at) else None

    def free_guid(self, draft: Draft) -> str | None:
        """The guid to keep a draft under; its address where its source uses guids again, None if that is taken."""
        return next((guid for guid in (draft.guid, draft.url) if guid not in self.by_guid), None)


def save(
    tx: Tx,
    source_id: int,
    found: Sequence[Draft],
    *,
    seen_at: datetime,
    language: str,
    past: Past | None = None,
    newsroom: Newsroom | None = None,
) -> Saved:
    """Write drafts as articles: new ones join or open a story or are held, known ones are updated.

    One transaction at a time may. Without `past` nothing is held or backlog; without `newsroom` it is read anew.
    """
    newsroom = newsroom or Newsroom()
    known = _known(tx, source_id, found)
    publishers = _publishers(tx, source_id, known.by_url.values())
    new: list[tuple[Article, Draft]] = []
    changed: list[tuple[Article, Draft]] = []
    # Feeds list the newest first; taken in from the oldest on, ids follow time.
    for draft in reversed(found):
        article = known.of(draft)
        if article is None:
            if (guid := known.free_guid(draft)) is not None:
                article = _article(source_id, replace(draft, guid=guid), seen_at=seen_at, language=language)
                known.by_guid[guid] = known.by_url[draft.url] = article
                new.append((article, draft))
        elif article.id is not None:
            guid = known.free_guid(draft)
            if article.source_id != source_id and guid and _passes(article, draft, source_id, publishers):
                _hand_over(article, replace(draft, guid=guid), source_id=source_id, seen_at=seen_at)
                if article.story_id is None and draft.is_news(seen_at):
                    place(tx, newsroom, [article], seen_at)
            if article.source_id == source_id and _differs(article, draft):
                _update(article, draft)
                changed.append((article, draft))
    fresh, held = _sorted_out(new, seen_at=seen_at, past=past)
    place(tx, newsroom, fresh, seen_at)
    _write(tx, known, new, changed, seen_at=seen_at)
    return Saved(len(new) - held, len(changed), held)


def _write(
    tx: Tx,
    known: _Known,
    new: Sequence[tuple[Article, Draft]],
    changed: Sequence[tuple[Article, Draft]],
    *,
    seen_at: datetime,
) -> None:
    mine = [a for a in known.by_url.values() if a.id is not None and a.source_id == known.source_id]
    store.still_listed(tx, mine, seen_at)
    store.add(tx, [(article, draft.tags) for article, draft in new])
    store.set_tags(tx, [(article, draft.tags) for article, draft in changed if not article.retagged], seen_at)
    store.touch_stories(tx, (article.story_id for article, _ in changed if article.retagged))


def _known(tx: Tx, source_id: int, found: Sequence[Draft]) -> _Known:
    urls = [d.url for d in found]
    rows = store.known(tx, source_id, [*(d.guid for d in found), *urls], [*urls, *map(other_scheme, urls)])
    by_guid = {a.guid: a for a in rows if a.source_id == source_id}
    known = _Known(source_id, frozenset(urls), by_guid, {a.url: a for a in rows})
    _find_twins(tx, known, found)
    return known


def _find_twins(tx: Tx, known: _Known, found: Sequence[Draft]) -> None:
    """Know articles again whose guid and address both changed, as when a site gets a new system: by headline and date.

    Only those that the document no longer lists as they were.
    """
    strange = {(d.title, d.published_at): d for d in found if d.date_source != "seen" and known.of(d) is None}
    for twin in store.published_at(tx, known.source_id, sorted({date for _, date in strange})):
        draft = strange.get((twin.title, twin.published_at))
        if draft is not None and twin.url not in known.listed and twin.guid not in known.by_guid:
            known.by_url[draft.url] = known.by_guid[twin.guid] = twin


def _publishers(tx: Tx, source_id: int, known: Iterable[Article]) -> dict[int, Publisher]:
    """The sources that compete for articles of this document; none in the usual case."""
    others = {article.source_id for article in known} - {source_id}
    if not others:
        return {}
    rows = sources.some(tx, others | {source_id})
    return {row.id: Publisher(row.url, row.link) for row in rows}


def _passes(article: Article, draft: Draft, source_id: int, publishers: dict[int, Publisher]) -> bool:
    return takes_over(draft.url, newcomer=publishers[source_id], holder=publishers[article.source_id])


def _hand_over(article: Article, draft: Draft, *, source_id: int, seen_at: datetime) -> None:
    """The article is its own publisher's from now on, who also says anew whether it is news."""
    article.source_id, article.guid, article.listed_at = source_id, draft.guid, seen_at
    article.published_at, article.date_source = draft.published_at, draft.date_source
    article.content_hash, article.held = "", ""
    if article.story_id is None and draft.is_news(seen_at):
        article.title, article.text, article.seen_at = draft.title, draft.text, seen_at


def _address(article: Article, draft: Draft) -> str:
    """Where the article is: where its source says, but never back from https to http."""
    downgrade = article.url == other_scheme(draft.url) and article.url.startswith("https:")
    return article.url if downgrade else draft.url


def _differs(article: Article, draft: Draft) -> bool:
    return (article.content_hash, article.url) != (draft.content_hash, _address(article, draft))


def _article(source_id: int, draft: Draft, *, seen_at: datetime, language: str) -> Article:
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
        image_url=draft.image_url,
        image_width=draft.image_size[0] if draft.image_size else None,
        image_height=draft.image_size[1] if draft.image_size else None,
        held="",
    )


def _sorted_out(
    new: Sequence[tuple[Article, Draft]], *, seen_at: datetime, past: Past | None
) -> tuple[Sequence[Article], int]:
    """The articles that are news; or none of them, and how many are held. A first document's backlog never is."""
    first = past is not None and past.last_read is None
    fresh = [article for article, draft in new if draft.is_news(seen_at, first=first)]
    old = [article for article, draft in new if not draft.is_news(seen_at, first=first)]
    why = hold(fresh, old, past=past, now=seen_at) if past else ""
    if not why:
        return fresh, 0
    held = fresh if first else [*fresh, *old]
    for article in held:
        article.held = why
    return [], len(held)


def _update(article: Article, draft: Draft) -> None:
    article.title, article.excerpt, article.text = draft.title, draft.excerpt, draft.text
    article.author, article.content_hash = draft.author, draft.content_hash
    article.url, article.image_url = _address(article, draft), draft.image_url
    article.image_width, article.image_height = draft.image_size or (None, None)
