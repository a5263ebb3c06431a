"""Stories as digests show them, kept in memory: only those that changed are read again."""

from collections.abc import Collection, Iterable, Mapping
from threading import Lock

from digest.articles.pure.shown_story import ShownStory
from digest.articles.store import articles
from digest.database import Tx

MAX_CACHED_STORIES = 10_000  # of about 2 KB each


class StoryCache:
    """The stories that a process has read. Its threads share one."""

    def __init__(self) -> None:
        self._stories: dict[int, ShownStory] = {}
        self._sources: frozenset[tuple[object, ...]] = frozenset()  # what stories show of their sources
        self._lock = Lock()

    def load(self, tx: Tx, story_ids: Iterable[int]) -> dict[int, ShownStory]:
        """The stories as they are now, by id. For those in memory, only version and visibility are queried."""
        versions = articles.story_versions(tx, story_ids)
        sources = articles.shown_sources(tx)
        with self._lock:
            if sources != self._sources or len(self._stories) > MAX_CACHED_STORIES:
                self._stories, self._sources = {}, sources
            stories = self._stories
        outdated = [
            story_id
            for story_id, version in versions.items()
            if not _is_current(stories.get(story_id), version)
        ]
        loaded = articles.current_stories(tx, outdated) if outdated else {}
        stories.update(loaded)
        return _select(stories, versions)


def _is_current(story: ShownStory | None, version: articles.StoryVersion) -> bool:
    return story is not None and (story.version, story.hidden, story.id) == tuple(version)


def _select(stories: Mapping[int, ShownStory], wanted: Collection[int]) -> dict[int, ShownStory]:
    found = ((story_id, stories.get(story_id)) for story_id in wanted)
    return {story_id: story for story_id, story in found if story is not None}
