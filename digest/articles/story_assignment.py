"""Giving articles the stories that they belong to, as they come in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.articles.models import Article, Story
from digest.articles.pure.clustering import Piece, group, least_of_two, likenesses, text_key
from digest.articles.pure.shown_story import WINDOW, title_key
from digest.articles.pure.similarity import Window, terms
from digest.articles.store import stories as store
from digest.database import Tx

LARGEST = 1.5  # times what is needed, before old texts are let go: that takes as long as reading them all in


@dataclass(slots=True)
class Newsroom:
    """What a process remembers of the last days' articles, so that it need not read them for each poll."""

    window: Window = field(default_factory=Window)
    seen: dict[int, datetime] = field(default_factory=dict)
    keys: dict[int, tuple[str, str]] = field(default_factory=dict)  # of headline and text, by article
    read_to: datetime | None = None

    def catch_up(self, tx: Tx, now: datetime) -> None:
        """Take in what came since the last time, whoever brought it, and let go of what is too old."""
        since = now - WINDOW
        # What was written in the same instant as the last we know is asked for again.
        for told in store.seen_since(tx, max(since, self.read_to or since)):
            if told.id not in self.window:
                self.window.add(told.id, terms(told.title, told.text))
                self.keys[told.id] = title_key(told.title), text_key(told.text)
            self.seen[told.id] = told.seen_at
            self.read_to = max(self.read_to or since, told.seen_at)
        self.seen = {key: moment for key, moment in self.seen.items() if moment >= since}
        if len(self.window) > LARGEST * len(self.seen):
            self.window.forget_all_but(self.seen)
            self.keys = {key: self.keys[key] for key in self.seen}


def place(tx: Tx, newsroom: Newsroom, articles: Sequence[Article], now: datetime) -> None:
    """Let each article open a story, or join one that is not older than two days. One transaction at a time may."""
    if not articles:
        return
    newsroom.catch_up(tx, now)
    # They have no ids yet; below zero, and in their order.
    new = {n - len(articles): article for n, article in enumerate(articles)}
    alike = likenesses(newsroom.window, {key: terms(a.title, a.text) for key, a in new.items()})
    near = {key for pair in alike for key in pair if key >= 0}
    titles = {key: title_key(article.title) for key, article in new.items()}
    open_stories = store.stories_of(tx, near) | store.stories_titled(tx, titles.values(), now - WINDOW)
    known = [
        Piece(key, str(source), *newsroom.keys.get(key, ("", "")), story)
        for key, source, story in store.told_of(tx, open_stories, now - WINDOW)
    ]
    fresh = [
        Piece(key, str(article.source_id), titles[key], text_key(article.text))
        for key, article in new.items()
    ]
    of_two = least_of_two(len(fresh), len(newsroom.window) + len(fresh))
    _join(tx, group([*known, *fresh], alike, of_two=of_two), new, titles, now=now)


def _join(
    tx: Tx,
    groups: Sequence[Sequence[Piece]],
    new: dict[int, Article],
    titles: dict[int, str],
    *,
    now: datetime,
) -> None:
    joined = {piece.story for pieces in groups for piece in pieces if piece.story is not None}
    stories = store.stories(tx, joined)
    for pieces in sorted(groups, key=lambda pieces: min(piece.key for piece in pieces)):
        fresh = sorted(piece.key for piece in pieces if piece.story is None)
        if not fresh:
            continue
        story = next((stories[piece.story] for piece in pieces if piece.story is not None), None)
        if story is None:
            story = Story(first_seen_at=now, title_key=titles[fresh[0]])
        else:
            story.version += 1
        for key in fresh:
            new[key].story = story
