"""Assigns new articles to stories, and groups the open window anew."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.articles.models import Article, Story
from digest.articles.pure.duplicate_keys import title_key
from digest.articles.pure.known_stories import Group
from digest.articles.recent_reports import RecentReports, report_of
from digest.articles.store import articles as article_store
from digest.articles.store import open_window as store
from digest.articles.store import stories as story_store
from digest.database import Database, Tx


@dataclass(frozen=True, slots=True)
class RegroupCounts:
    """What grouping the open window anew changed."""

    reports: int  # in the window
    moved: int  # reports that are in another story now
    new_stories: int


def assign_stories(tx: Tx, recent: RecentReports, articles: Sequence[Article], now: datetime) -> None:
    """Put each article into a story of the open window, or into a new one.

    The transaction must hold the lock of `store.articles.lock_ingest`.
    """
    if not articles:
        return
    recent.refresh(tx, now)
    # New articles have no ids yet. Their keys are negative numbers, in the order of the articles.
    new = {n - len(articles): article for n, article in enumerate(articles)}
    for key, article in new.items():
        recent.index.add(report_of(key, article))
    try:
        groups = _group(recent, now, new_keys=new.keys())
    finally:
        recent.index.remove_last(len(new))
    _write_new(tx, groups, new, now)


def regroup(db: Database, recent: RecentReports, now: datetime) -> RegroupCounts:
    """Group the whole open window anew: stories that nobody has seen may be joined and split."""
    with db.begin(time_limit=False) as tx:
        article_store.lock_ingest(tx)
        recent.refresh(tx, now)
        recent.set_countries(store.countries_since(tx, _oldest_seen(recent, now)))
        groups = _group(recent, now)
        return _write_moves(tx, recent, groups)


def _group(recent: RecentReports, now: datetime, *, new_keys: Collection[int] = ()) -> list[Group]:
    from digest.articles.pure.grouping import group_reports  # with numpy, which few processes need

    return group_reports(recent.index, recent.stories(now), new_keys=new_keys)


def _oldest_seen(recent: RecentReports, now: datetime) -> datetime:
    """When the oldest report of the index was seen."""
    return min((row.seen_at for row in recent.placed.values()), default=now)


def _write_new(tx: Tx, groups: Sequence[Group], new: Mapping[int, Article], now: datetime) -> None:
    """Give the new articles of each group the group's story, or a new one; the oldest articles first."""
    touched_threads = {group.thread for group in groups if any(key in new for key in group.keys)}
    touched = [group for group in groups if group.thread in touched_threads]
    known = story_store.stories_by_id(tx, {group.story for group in touched if group.story is not None})
    stories: list[tuple[Group, Story]] = []
    for group in sorted(touched, key=lambda group: min(group.keys)):
        new_articles = [new[key] for key in sorted(group.keys) if key in new]
        story = known.get(group.story) if group.story is not None else None
        if story is None:
            story = Story(first_seen_at=now, title_key=title_key(new_articles[0].title))
            tx.add(story)
        elif new_articles:
            story.version += 1
        stories.append((group, story))
    tx.flush()
    for group, story in stories:
        for key in group.keys:
            if key in new:
                new[key].story_id = story.id
    _write_threads(stories)


def _write_moves(tx: Tx, recent: RecentReports, groups: Sequence[Group]) -> RegroupCounts:
    """Move the articles whose story changed. Stories that lose all of them become part of the one that took most."""
    story_of = {key: row.story_id for key, row in recent.placed.items()}
    stories = story_store.stories_by_id(tx, set(story_of.values()))
    added = [group for group in groups if group.story is None]
    titles = story_store.titles_of(tx, [min(group.keys) for group in added])
    of_group: list[tuple[Group, Story]] = []
    for group in groups:
        story = stories.get(group.story) if group.story is not None else None
        if story is None:
            story = Story(
                first_seen_at=_first_seen(recent, group), title_key=title_key(titles[min(group.keys)])
            )
            tx.add(story)
        of_group.append((group, story))
    tx.flush()
    moves = {story: [key for key in group.keys if story_of[key] != story.id] for group, story in of_group}
    taken_by: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for story, keys in moves.items():
        taken_by_story = Counter(story_of[key] for key in keys)
        for old_id, count in taken_by_story.items():
            taken_by[old_id][story.id] += count
        store.move_articles(tx, story.id, keys)
    _update_changed(recent, of_group, moves, [stories[old_id] for old_id in taken_by])
    _write_threads(of_group)
    tx.flush()
    store.merge_emptied(tx, {old_id: counts.most_common(1)[0][0] for old_id, counts in taken_by.items()})
    return RegroupCounts(len(story_of), sum(map(len, moves.values())), len(added))


def _update_changed(
    recent: RecentReports,
    of_group: Sequence[tuple[Group, Story]],
    moves: Mapping[Story, Sequence[int]],
    losers: Sequence[Story],
) -> None:
    """Record that digests show changed stories differently; an unsent story was first seen with its first report."""
    changed = {story for story, keys in moves.items() if keys} | set(losers)
    for group, story in of_group:
        if story in changed and story.sent_at is None:
            story.first_seen_at = _first_seen(recent, group)
    for story in changed:
        story.version += 1


def _first_seen(recent: RecentReports, group: Group) -> datetime:
    return min(recent.placed[key].seen_at for key in group.keys)


def _write_threads(stories: Sequence[tuple[Group, Story]]) -> None:
    """Store the thread of each story. A thread has the id of its first story; a story that is alone has none."""
    by_thread: defaultdict[int, list[Story]] = defaultdict(list)
    for group, story in stories:
        by_thread[group.thread].append(story)
    for thread, members in by_thread.items():
        thread_id = thread if thread > 0 else min(story.id for story in members)
        for story in members:
            if len(members) > 1 or story.id != thread_id:
                story.thread_id = thread_id
            elif thread <= 0:
                story.thread_id = None
