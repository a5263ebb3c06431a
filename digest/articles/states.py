"""The states of an article and the sources of its date, as they are stored."""

from enum import StrEnum


class ArticleState(StrEnum):
    """Whether an article may go into digests, or why not."""

    RELEASED = ""
    FLOOD = "flood"  # held for an editor: its source brought far more articles than usual
    OLD = "old"  # held for an editor: its source brought many old articles
    DROPPED = "dropped"  # an editor keeps it out of digests


HELD_STATES = (ArticleState.FLOOD, ArticleState.OLD)  # an editor has not decided yet


class DateSource(StrEnum):
    """Where an article's date comes from: its publication, its last update, or the moment we first saw it."""

    PUBLISHED = "published"
    UPDATED = "updated"
    SEEN = "seen"
