"""Assigns new articles to stories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.articles.models import Article, Story
from digest.articles.pure.clustering import ClusterItem, cluster, pair_threshold, score_pairs
from digest.articles.pure.duplicate_keys import text_key, title_key
from digest.articles.pure.shown_story import STORY_WINDOW
from digest.articles.pure.similarity import SimilarityIndex, weigh_terms
from digest.articles.store import stories as store
from digest.database import Tx

# Old texts are removed only when the index has grown to this many times what is needed, because removing them takes as
# long as loading all texts again.
MAX_INDEX_GROWTH = 1.5


@dataclass(slots=True)
class RecentTexts:
    """The texts of the last days' articles, kept in memory, so that a process need not load them for each poll."""

    index: SimilarityIndex = field(default_factory=SimilarityIndex)
    seen_at: dict[int, datetime] = field(default_factory=dict)
    # By article id: the keys of its headline and its text.
    duplicate_keys: dict[int, tuple[str, str]] = field(default_factory=dict)
    loaded_until: datetime | None = None

    def refresh(self, tx: Tx, now: datetime) -> None:
        """Load the articles that came since the last time, from any process, and forget those that are too old."""
        since = now - STORY_WINDOW
        # Articles that were seen at the same moment as the last known one are loaded again.
        for article in store.seen_since(tx, max(since, self.loaded_until or since)):
            if article.id not in self.index:
                self.index.add(article.id, weigh_terms(article.title, article.text))
                self.duplicate_keys[article.id] = title_key(article.title), text_key(article.text)
            self.seen_at[article.id] = article.seen_at
            self.loaded_until = max(self.loaded_until or since, article.seen_at)
        self.seen_at = {key: moment for key, moment in self.seen_at.items() if moment >= since}
        if len(self.index) > MAX_INDEX_GROWTH * len(self.seen_at):
            self.index.keep_only(self.seen_at)
            self.duplicate_keys = {key: self.duplicate_keys[key] for key in self.seen_at}


def assign_stories(tx: Tx, recent_texts: RecentTexts, articles: Sequence[Article], now: datetime) -> None:
    """Put each article into a story that is not older than two days, or into a new one.

    The transaction must hold the lock of `store.articles.lock_ingest`.
    """
    if not articles:
        return
    recent_texts.refresh(tx, now)
    # New articles have no ids yet. Their keys are negative numbers, in the order of the articles.
    new = {n - len(articles): article for n, article in enumerate(articles)}
    scores = score_pairs(recent_texts.index, {key: weigh_terms(a.title, a.text) for key, a in new.items()})
    similar_ids = {key for pair in scores for key in pair if key >= 0}
    title_keys = {key: title_key(article.title) for key, article in new.items()}
    since = now - STORY_WINDOW
    story_ids = store.story_ids_of(tx, similar_ids)
    story_ids |= store.story_ids_by_title_key(tx, title_keys.values(), since)
    placed_items = [
        ClusterItem(
            article.id,
            str(article.source_id),
            *recent_texts.duplicate_keys.get(article.id, ("", "")),
            article.story_id,
        )
        for article in store.open_story_articles(tx, story_ids, since)
    ]
    new_items = [
        ClusterItem(key, str(article.source_id), title_keys[key], text_key(article.text))
        for key, article in new.items()
    ]
    min_pair_score = pair_threshold(len(new_items), len(recent_texts.index) + len(new_items))
    groups = cluster([*placed_items, *new_items], scores, min_pair_score=min_pair_score)
    _write_stories(tx, groups, new, title_keys, now=now)


def _write_stories(
    tx: Tx,
    groups: Sequence[Sequence[ClusterItem]],
    new: Mapping[int, Article],
    title_keys: Mapping[int, str],
    *,
    now: datetime,
) -> None:
    """Give the new articles of each group the group's story, or a new one; the oldest articles first."""
    stories = store.stories_by_id(
        tx, {item.story for group in groups for item in group if item.story is not None}
    )
    for group in sorted(groups, key=lambda group: min(item.key for item in group)):
        new_keys = sorted(item.key for item in group if item.story is None)
        if not new_keys:
            continue
        story = next((stories[item.story] for item in group if item.story is not None), None)
        if story is None:
            story = Story(first_seen_at=now, title_key=title_keys[new_keys[0]])
        else:
            story.version += 1
        for key in new_keys:
            new[key].story = story
