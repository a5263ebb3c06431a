"""What editors change on the desk, for several stories at once. Each change returns what is needed to undo it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.articles import moderation
from digest.articles.exclusion_changes import automatic_tags
from digest.articles.models import Article, Story
from digest.articles.pure.pin_order import restored_order
from digest.articles.states import ArticleKind
from digest.articles.store import articles as store
from digest.articles.store import desk
from digest.articles.store import stories as story_store
from digest.database import Database, Tx, lock_row
from digest.errors import ConflictError, InvalidInputError, NewsroomText, NotFoundError
from digest.regions.pure.group_tags import GroupTag
from digest.regions.pure.tagger import Tag, Tagger
from digest.regions.tree.region_tree import Region, RegionTree


@dataclass(frozen=True, slots=True)
class KindBefore:
    """The kind of an article before a correction, and whether an editor had chosen it."""

    article_id: int
    kind: ArticleKind
    chosen: bool


@dataclass(frozen=True, slots=True)
class PlacesBefore:
    """What an article was about before a correction: codes and slugs, or None if the tagger had decided it."""

    article_id: int
    places: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class MergedStory:
    """A story that was merged into another: the articles that it had, and the stories that were part of it."""

    story_id: int
    article_ids: tuple[int, ...]
    part_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The story that remains, what the others were, and the pinned stories before, from the top down."""

    story_id: int
    merged: list[MergedStory]
    pins: list[int]


def set_hidden(db: Database, story_ids: Sequence[int], *, hidden: bool, now: datetime) -> list[int]:
    """Hide stories or show them again. Returns the stories that this changed. Raises NotFoundError."""
    with db.begin() as tx:
        stories = _existing(tx, story_ids)
        changed = [story.id for story in stories if story.hidden != hidden]
        for story_id in changed:
            store.set_hidden(tx, story_id, hidden=hidden, now=now)
    return changed


def change_pins(db: Database, story_ids: Sequence[int], step: str, now: datetime) -> list[int]:
    """Pin, unpin or move stories; see `moderation.change_pin`. Returns the order before. Raises NotFoundError."""
    with db.begin() as tx:
        _existing(tx, story_ids)
        return moderation.change_pins(tx, story_ids, step, now)


def restore_pins(db: Database, before: Sequence[int], changed: Collection[int], now: datetime) -> None:
    """Undo a change of the pins of some stories. The others stay as they are now; missing ones are left out."""
    with db.begin() as tx:
        existing = story_store.stories_by_id(tx, {*before, *changed})
        current = [story.id for story in story_store.pinned_stories(tx, now - moderation.PIN_WINDOW)]
        order = restored_order([one for one in before if one in existing], current, changed)
        for story_id in set(changed).intersection(existing).difference(order):
            store.set_pinned(tx, story_id, 0)
        for rank, story_id in enumerate(reversed(order), start=1):
            store.set_pinned(tx, story_id, rank)


def choose_kind(db: Database, story_ids: Sequence[int], kind: ArticleKind) -> list[KindBefore]:
    """Set the kind of all articles of some stories. Returns the kinds before. Raises NotFoundError."""
    with db.begin() as tx:
        _existing(tx, story_ids)
        articles = desk.articles_of_stories(tx, story_ids)
        before = [KindBefore(article.id, article.kind, article.kind_chosen) for article in articles]
        for article in articles:
            article.kind, article.kind_chosen = kind, True
        store.increment_story_versions(tx, story_ids)
    return before


def restore_kinds(db: Database, before: Sequence[KindBefore], chosen: ArticleKind) -> int:
    """Undo `choose_kind`. Returns how many articles stay as they are, because they have another kind by now.

    Articles that no longer exist are left out.
    """
    kinds = {one.article_id: one for one in before}
    with db.begin() as tx:
        articles = desk.articles_by_id(tx, kinds.keys())
        unchanged = [article for article in articles if article.kind == chosen and article.kind_chosen]
        for article in unchanged:
            article.kind, article.kind_chosen = kinds[article.id].kind, kinds[article.id].chosen
        store.increment_story_versions(tx, (article.story_id for article in unchanged))
    return len(articles) - len(unchanged)


def retag(
    db: Database,
    story_ids: Sequence[int],
    places: Iterable[Region],
    now: datetime,
    check: Callable[[Tx], None] | None = None,
) -> list[PlacesBefore]:
    """Set what all articles of some stories are about. Returns what they were about before.

    Raises NotFoundError, and what `check` raises, with nothing changed.
    """
    places = list(places)
    with db.begin() as tx:
        for story in _existing(tx, story_ids):
            lock_row(tx, story)
        if check is not None:
            check(tx)
        articles = desk.articles_of_stories(tx, story_ids)
        before = [PlacesBefore(article.id, _places(article)) for article in articles]
        store.set_tags(tx, [_tagged(article, places) for article in articles], now)
        for article in articles:
            article.retagged = True
    return before


def restore_places(
    db: Database,
    tree: RegionTree,
    tagger: Tagger,
    before: Sequence[PlacesBefore],
    *,
    chosen: Collection[str],
    now: datetime,
) -> int:
    """Undo `retag` with the `chosen` places: the former choice of an editor, or what the tagger says.

    Returns how many articles stay as they are, because they are about something else by now. Raises NotFoundError.
    """
    places = {one.article_id: one.places for one in before}
    with db.begin() as tx:
        store.lock_ingest(tx)  # no exclusion may be removed meanwhile
        articles = desk.articles_by_id(tx, places.keys())
        unchanged = [one for one in articles if set(_places(one) or ()) == set(chosen) and one.retagged]
        tagged = automatic_tags(tx, tagger, [one for one in unchanged if places[one.id] is None])
        for article in unchanged:
            former = places[article.id]
            article.retagged = former is not None
            if former is not None:
                tagged.append(_tagged(article, [tree.get(place.lower()) for place in former]))
        store.set_tags(tx, tagged, now)
    return len(articles) - len(unchanged)


def merge_all(db: Database, story_ids: Sequence[int], now: datetime) -> MergeResult:
    """Merge stories into one.

    Raises InvalidInputError for fewer than two stories; NotFoundError and ConflictError as `merge_stories` does.
    """
    distinct = list(dict.fromkeys(story_ids))
    if len(distinct) < 2:
        raise InvalidInputError(NewsroomText("Choose two stories or more to merge them."))
    with db.begin() as tx:
        store.lock_ingest(tx)
        _existing(tx, distinct)
        pins = [story.id for story in story_store.pinned_stories(tx, now - moderation.PIN_WINDOW)]
        before = [
            MergedStory(
                one, tuple(a.id for a in story_store.articles_of(tx, one)), story_store.parts_of(tx, one)
            )
            for one in distinct
        ]
        target = distinct[0]
        for story_id in distinct[1:]:
            target = moderation.merge_stories(tx, target, story_id)
    return MergeResult(target, [one for one in before if one.story_id != target], pins)


def unmerge(db: Database, merged: Sequence[MergedStory]) -> None:
    """Undo `merge_all`: each story gets its articles back.

    Raises NotFoundError; ConflictError if a story is not merged, or its articles have gone elsewhere since.
    """
    with db.begin() as tx:
        store.lock_ingest(tx)
        for one in merged:
            story = story_store.story_by_id(tx, one.story_id)
            target_id = story.merged_into
            articles = [a for a in desk.articles_by_id(tx, one.article_ids) if a.story_id == target_id]
            if target_id is None or not articles:
                raise ConflictError(
                    NewsroomText(
                        "Story %(story_id)s can't be taken out of another story any more.",
                        story_id=one.story_id,
                    )
                )
            for article in articles:
                article.story_id = story.id
            story.merged_into, story.settled = None, True
            story_store.move_parts(tx, one.part_ids, from_id=target_id, to_id=story.id)
            tx.flush()
            store.increment_story_versions(tx, [story.id, target_id])


def story_of(db: Database, article_id: int) -> int | None:
    """The story of an article; None if it is in none. Raises NotFoundError."""
    with db.read() as tx:
        return store.by_id(tx, article_id).story_id


def unsplit(db: Database, story_id: int, new_id: int) -> None:
    """Undo `moderation.split`: the articles of the new story come back. Raises NotFoundError, ConflictError."""
    with db.begin() as tx:
        store.lock_ingest(tx)
        story, new = story_store.story_by_id(tx, story_id), story_store.story_by_id(tx, new_id)
        for one in (story, new):
            if one.merged_into is not None:
                raise ConflictError(
                    NewsroomText(
                        "Story %(id)s is part of story %(merged_into)s already; join that one.",
                        id=one.id,
                        merged_into=one.merged_into,
                    )
                )
        story_store.merge_into(tx, new.id, story.id)
        store.increment_story_versions(tx, [story.id])


def set_reviewed(db: Database, story_ids: Collection[int], *, reviewed: bool, now: datetime) -> list[int]:
    """Mark stories as reviewed, or not. Returns the stories that this changed."""
    with db.begin() as tx:
        if reviewed:
            return sorted(desk.mark_reviewed(tx, story_ids, now))
        return sorted(desk.unmark_reviewed(tx, story_ids))


def _existing(tx: Tx, story_ids: Sequence[int]) -> list[Story]:
    stories = story_store.stories_by_id(tx, story_ids)
    if missing := [story_id for story_id in story_ids if story_id not in stories]:
        raise NotFoundError(
            NewsroomText(
                "There is no story %(missing)s; it may have been joined with another.", missing=missing[0]
            )
        )
    return [stories[story_id] for story_id in dict.fromkeys(story_ids)]


def _places(article: Article) -> tuple[str, ...] | None:
    if not article.retagged:
        return None
    return (*(tag.country for tag in article.tags), *(group.region for group in article.groups))


def tag_of(place: Region) -> str:
    """A place as an article has it: the code of a country, the slug of a group."""
    return place.slug.upper() if place.kind == "country" else place.slug


def _tagged(article: Article, places: Iterable[Region]) -> store.TaggedArticle:
    """The article with tags that an editor chose, which need no evidence."""
    distinct = {place.slug: place for place in places}.values()
    tags = [Tag(tag_of(place), 1.0, ()) for place in distinct if place.kind == "country"]
    groups = [GroupTag(place.slug, 1.0, ()) for place in distinct if place.kind != "country"]
    return store.TaggedArticle(article, tags, groups)
