"""What editors change by hand: stories, the countries and kinds of articles, and articles that are held."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypedDict

from digest.articles.article_checks import Check, checked_article
from digest.articles.exclusion_changes import automatic_tags
from digest.articles.kind_assignment import apply_verdict, classify_article
from digest.articles.models import Story
from digest.articles.pure.duplicate_keys import title_key
from digest.articles.recent_reports import RecentReports
from digest.articles.states import ArticleKind, ArticleState
from digest.articles.store import articles as store
from digest.articles.store import corrections
from digest.articles.store import held as held_store
from digest.articles.store import stories as story_store
from digest.articles.story_assignment import assign_stories
from digest.database import Database, Tx
from digest.errors import ConflictError, InvalidInputError, NewsroomText, NotFoundError
from digest.regions.pure.group_tags import GroupTag
from digest.regions.pure.tagger import Tag, Tagger
from digest.regions.tree.region_tree import RegionTree
from digest.sources.pure.schedule.rates import DAY, DECAY_TIME
from digest.sources.store import sources

PIN_WINDOW = timedelta(days=8)  # a digest can still have stories of the last week
STEPS = {"up": -1, "down": 1}  # places that a pinned story moves down the list


class KindCorrection(TypedDict):
    """An article whose kind an editor chose, in the format that `dateline articles kind` reads."""

    id: str
    url: str
    title: str
    categories: list[str]
    language: str
    text: str
    kind: ArticleKind  # the editor's choice
    rules: ArticleKind  # what the rules say now


class Correction(TypedDict):
    """An article whose countries an editor chose, in the format that `dateline regions tag` reads."""

    id: str
    url: str
    title: str
    text: str
    home: str  # country of its source, "" if not known
    countries: list[str]  # empty if the article is about no country
    groups: list[str]  # slugs
    primary: str | None  # the country, if an editor chose exactly one


def hide(db: Database, article_id: int, now: datetime) -> None:
    """Take an article's story out of every mail not yet sent. Raises ConflictError when it is in no story."""
    _set_hidden(db, article_id, hidden=True, now=now)


def unhide(db: Database, article_id: int, now: datetime) -> None:
    """Show an article's story again. Raises ConflictError when it is in no story."""
    _set_hidden(db, article_id, hidden=False, now=now)


def change_pin(db: Database, story_id: int, step: str, now: datetime) -> None:
    """Pin or unpin a story, or move it among the pinned stories of the last days.

    `step` is "unpin", "up" or "down"; anything else pins the story below the others, or leaves a pinned one in place.
    """
    with db.begin() as tx:
        change_pins(tx, [story_id], step, now)


def change_pins(tx: Tx, story_ids: Sequence[int], step: str, now: datetime) -> list[int]:
    """Change the pins of several stories as `change_pin` does. Returns the order before, from the top down."""
    before = [story.id for story in story_store.pinned_stories(tx, now - PIN_WINDOW)]
    order = list(before)
    for story_id in story_ids:
        position = order.index(story_id) if story_id in order else len(order)
        order = [pinned_id for pinned_id in order if pinned_id != story_id]
        if step == "unpin":
            store.set_pinned(tx, story_id, 0)
        else:
            order.insert(max(position + STEPS.get(step, 0), 0), story_id)
    for rank, pinned_id in enumerate(reversed(order), start=1):
        store.set_pinned(tx, pinned_id, rank)
    return before


def merge(db: Database, story_id: int, other_id: int) -> int:
    """Merge two stories and return the id of the one that remains; see `merge_stories` for which that is."""
    with db.begin() as tx:
        store.lock_ingest(tx)
        return merge_stories(tx, story_id, other_id)


def merge_stories(tx: Tx, story_id: int, other_id: int) -> int:
    """Merge two stories, within a transaction that has the lock on ingest. Returns the id of the one that remains.

    The one that is in a digest remains, otherwise the older one. Raises NotFoundError if there is no such story.
    Raises ConflictError if both are the same, or if one was merged before: two stories that are merged into each
    other would be shown nowhere.
    """
    stories = [story_store.story_by_id(tx, story_id), story_store.story_by_id(tx, other_id)]
    if story_id == other_id:
        raise ConflictError(NewsroomText("A story can't be joined with itself; choose another one."))
    for story in stories:
        if story.merged_into is not None:
            raise ConflictError(
                NewsroomText(
                    "Story %(id)s is part of story %(merged_into)s already; join that one.",
                    id=story.id,
                    merged_into=story.merged_into,
                )
            )
    target, merged = sorted(stories, key=lambda story: (not story.kept, story.first_seen_at, story.id))
    story_store.merge_into(tx, merged.id, target.id)
    target.version, target.pinned = target.version + 1, max(target.pinned, merged.pinned)
    target.settled, target.sent_at = True, target.sent_at or merged.sent_at
    return target.id


def split(db: Database, article_id: int) -> int:
    """Move an article into a new story, which dates from when the article was seen. Returns the new story's id.

    The new story is hidden if the old one is: splitting must not put into mails what an editor kept out of them.
    Raises NotFoundError, and ConflictError when the article has no story or is alone in it.
    """
    with db.begin() as tx:
        store.lock_ingest(tx)
        article = store.by_id(tx, article_id)
        old = article.story
        if old is None or len(story_store.articles_of(tx, old.id)) < 2:
            raise ConflictError(
                NewsroomText('"%(title)s" shares its story with no other article.', title=article.title[:80])
            )
        old.version += 1
        old.settled = True
        new = Story(
            first_seen_at=article.seen_at,
            title_key=title_key(article.title),
            hidden=old.hidden,
            settled=True,
            thread_id=old.thread_id,
        )
        article.story = new
        tx.flush()
        return new.id


def retag(
    db: Database,
    tree: RegionTree,
    article_id: int,
    countries: Iterable[str],
    *,
    groups: Iterable[str] = (),
    now: datetime,
    check: Check | None = None,
) -> tuple[str, ...]:
    """Set the countries (ISO codes) and groups (slugs) that an article is about; both may be empty.

    They stay when the article changes. Returns the codes and slugs. Raises InvalidInputError or NotFoundError for
    an unknown one.
    """
    codes = tuple(dict.fromkeys(_country_code(tree, code) for code in countries))
    slugs = tuple(dict.fromkeys(_group_slug(tree, slug) for slug in groups))
    with db.begin() as tx:
        article = checked_article(tx, article_id, check)
        tags = [Tag(code, 1.0, ()) for code in codes]
        group_tags = [GroupTag(slug, 1.0, ()) for slug in slugs]
        store.set_tags(tx, [store.TaggedArticle(article, tags, group_tags)], now)
        article.retagged = True
    return codes + slugs


def reset_tags(
    db: Database, tagger: Tagger, article_id: int, now: datetime, check: Check | None = None
) -> None:
    """Tag an article automatically again, as if no editor had changed its countries."""
    with db.begin() as tx:
        store.lock_ingest(tx)  # no exclusion may be removed meanwhile
        article = checked_article(tx, article_id, check)
        store.set_tags(tx, automatic_tags(tx, tagger, [article]), now)
        article.retagged = False


def choose_kind(db: Database, article_id: int, kind: ArticleKind, check: Check | None = None) -> None:
    """Set the kind of an article. It stays when the article changes."""
    with db.begin() as tx:
        article = checked_article(tx, article_id, check)
        article.kind, article.kind_chosen = kind, True
        store.increment_story_versions(tx, [article.story_id])


def reset_kind(db: Database, article_id: int, check: Check | None = None) -> ArticleKind:
    """Let the rules decide the kind of an article again, as if no editor had chosen one."""
    with db.begin() as tx:
        article = checked_article(tx, article_id, check)
        article.kind_chosen = False
        apply_verdict(article, classify_article(article))
        store.increment_story_versions(tx, [article.story_id])
    return article.kind


def export_kind_corrections(tx: Tx) -> Iterator[KindCorrection]:
    """The articles whose kinds editors chose, oldest first, for measuring and improving the rules."""
    for article in corrections.articles_with_chosen_kinds(tx):
        yield {
            "id": f"article-{article.id}",
            "url": article.url,
            "title": article.title,
            "categories": article.categories,
            "language": article.language,
            "text": article.text,
            "kind": article.kind,
            "rules": classify_article(article).kind,
        }


def export_corrections(tx: Tx) -> Iterator[Correction]:
    """The articles whose countries editors chose, oldest first, for measuring and improving the tagger."""
    for article, home in corrections.retagged_articles(tx):
        countries = [tag.country for tag in article.tags]
        yield {
            "id": f"article-{article.id}",
            "url": article.url,
            "title": article.title,
            "text": article.text,
            "home": home,
            "countries": countries,
            "groups": [tag.region for tag in article.groups],
            "primary": countries[0] if len(countries) == 1 else None,
        }


def release_held(db: Database, source_id: int, now: datetime) -> int:
    """Release a source's held articles, as if they had arrived now. Returns how many.

    They count towards the usual rate of the source, so that a source that has grown is not held every day.
    """
    with db.begin() as tx:
        store.lock_ingest(tx)
        articles = held_store.pending_articles(tx, source_id)
        for article in articles:
            article.state, article.seen_at = ArticleState.RELEASED, now
        assign_stories(tx, RecentReports(), articles, now)
        sources.increase_rate(tx, source_id, len(articles) / (DECAY_TIME / DAY))
    return len(articles)


def drop_held(db: Database, source_id: int) -> int:
    """Keep a source's held articles out of all digests; they stay stored. Returns how many."""
    with db.begin() as tx:
        return held_store.drop_pending(tx, source_id)


def restore_dropped(db: Database, source_id: int) -> int:
    """Hold the dropped articles of a source again. Returns how many."""
    with db.begin() as tx:
        return held_store.restore_dropped(tx, source_id)


def _set_hidden(db: Database, article_id: int, *, hidden: bool, now: datetime) -> None:
    with db.begin() as tx:
        article = store.by_id(tx, article_id)
        if article.story_id is None:
            raise ConflictError(
                NewsroomText(
                    '"%(title)s" is in no story (it was old when it came), so it is in no digest.',
                    title=article.title[:80],
                )
            )
        store.set_hidden(tx, article.story_id, hidden=hidden, now=now)


def _group_slug(tree: RegionTree, slug: str) -> str:
    region = tree.get(slug)
    if region.kind == "country":
        raise InvalidInputError(
            NewsroomText('"%(slug)s" is a country, and is no group of countries.', slug=slug)
        )
    return region.slug


def _country_code(tree: RegionTree, code: str) -> str:
    try:
        region = tree.get(code.lower())
    except NotFoundError:
        region = None
    if region is None or region.kind != "country":
        raise InvalidInputError(
            NewsroomText('"%(code)s" is not a country code (example: KZ).', code=code[:20])
        )
    return region.slug.upper()
