"""What grouping starts from and ends with: the stories of reports before it, and the groups of reports after it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

WINDOW = timedelta(hours=72)  # reports that are further apart are never one event


class Hold(Enum):
    """How firmly a story keeps its reports."""

    OPEN = auto()  # nobody has seen it: its reports are grouped anew
    SETTLED = auto()  # an editor arranged it: it keeps its reports, and takes more
    SENT = auto()  # an edition had it: it keeps its reports, and takes only what brings nothing new


@dataclass(frozen=True, slots=True)
class KnownStory:
    """A story that reports are in already. `thread` is the id of its thread, `sent_at` (days) when it was sent."""

    id: int
    hold: Hold = Hold.OPEN
    thread: int | None = None
    sent_at: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of one story, by their keys. `story` is None for a new story.

    Groups of one thread have the same `thread`: the id of a thread of sent stories, or a negative number.
    """

    keys: tuple[int, ...]
    story: int | None
    thread: int
