"""The states and kinds of an edition, as they are stored, and how a story may have changed since it was composed."""

from enum import StrEnum


class EditionState(StrEnum):
    """How far an edition is between being prepared and being sent."""

    REVIEW = "review"  # a scheduled one, open to editors before its slot
    ON_HOLD = "held"  # an editor stopped it before its slot
    DRAFT = "draft"
    FREEZING = "freezing"  # its digests are being written
    FROZEN = "frozen"  # its digests are written; it waits for an editor or for `send_at`
    PLANNING = "planning"  # its deliveries are being created
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


PENDING_REVIEW_STATES = (
    EditionState.REVIEW,
    EditionState.ON_HOLD,
)  # scheduled, and their slot is still to come
EDITABLE_STATES = (EditionState.DRAFT, *PENDING_REVIEW_STATES)
CANCELLABLE_STATES = tuple(
    state for state in EditionState if state not in (EditionState.SENT, EditionState.CANCELLED)
)
IN_PROGRESS_STATES = (EditionState.PLANNING, EditionState.SENDING)  # pages about them refresh themselves


class EditionKind(StrEnum):
    """Who made an edition: the schedule, new subscribers, an editor, or an editor as a test to one address."""

    SCHEDULED = "scheduled"
    FIRST = "first"  # the first digests of those who have just confirmed, of a quarter of an hour
    MANUAL = "manual"
    TEST = "test"


class ChangeKind(StrEnum):
    """How a story has changed since a digest with it was composed."""

    GONE = "gone"  # it was deleted
    HIDDEN = "hidden"
    CHANGED = "changed"  # it has another version, or was merged into another story
