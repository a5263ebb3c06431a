"""The states of subscribers and letters, and what subscribers choose, as they are stored."""

from enum import StrEnum


class SubscriberState(StrEnum):
    """Whether a subscriber gets digests."""

    PENDING = "pending"  # asked for, not confirmed yet
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"  # nothing is sent to the address


SUBSCRIBED_STATES = (SubscriberState.ACTIVE, SubscriberState.PAUSED)  # get digests, now or after their pause
GONE_STATES = (SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED)
PRESENT_STATES = tuple(state for state in SubscriberState if state not in GONE_STATES)
UNCONFIRMED_STATES = (SubscriberState.PENDING, SubscriberState.UNSUBSCRIBED)  # confirming makes these active


class BulkAction(StrEnum):
    """What a manager does with many subscribers at once, and can undo."""

    PAUSE = "pause"
    RESUME = "resume"
    UNSUBSCRIBE = "unsubscribe"


class Cadence(StrEnum):
    """How often a digest comes."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


class DigestSize(StrEnum):
    """How many stories the mail has; MAX_STORIES_BY_SIZE in digest/editions/pure/selection.py has the numbers."""

    BRIEF = "brief"
    STANDARD = "standard"
    FULL = "full"


class OptionalKind(StrEnum):
    """Kinds of articles that come only to subscribers who chose them; the values are those of `ArticleKind`."""

    SPORT = "sport"
    CULTURE = "culture"
    LIFESTYLE = "lifestyle"
    OPINION = "opinion"


class LetterKind(StrEnum):
    """What a letter is for."""

    CONFIRM = "confirm"  # to confirm a subscription
    LINK = "link"  # the link to the preferences
    CHANGE = "change"  # a subscriber asked for something else: they choose between it and what they have
    ADDRESS = "address"  # goes to the address to which a subscriber wants to move


class RequestKind(StrEnum):
    """What somebody asks for with an address that is not proved to be theirs."""

    SUBSCRIBE = "subscribe"
    LINK = "link"  # the link to their preferences
    ADDRESS = "address"  # to move to this address


class LetterState(StrEnum):
    """What has become of a letter. A deferred one is planned again, with a later `not_before`."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"  # deferred for too long, or the address was suppressed
    IN_DOUBT = "in_doubt"  # the connection broke twice between the end of the mail and the reply


OPEN_LETTER_STATES = (LetterState.PLANNED, LetterState.CLAIMED)  # still to be sent


class ConsentAction(StrEnum):
    """The step by which somebody consented."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    RETURNED = "returned"  # undid their unsubscribing
    CHANGED = "changed"  # chose what a letter offered
    MOVED = "moved"  # confirmed a new address
    REASON = "reason"  # said why they left


class SuppressionReason(StrEnum):
    """Why nothing is sent to an address."""

    ERASED = "erased"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    EDITOR = "editor"
    IMPORTED = "imported"


class ImportState(StrEnum):
    """How far an import has come."""

    DRAFT = "draft"  # the file is here; its columns are being chosen
    CHECKING = "checking"  # a dry run
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


WORKING_IMPORT_STATES = (ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING)


class ImportOutcome(StrEnum):
    """What becomes of a row of an import. Every row has exactly one, and may have remarks beside it."""

    ACTIVE = "active"  # added, and gets mails
    LEFT = "left"  # added as unsubscribed
    SUPPRESSED = "suppressed"  # the address is suppressed from now on
    KNOWN = "known"  # is a subscriber already, or suppressed already
    REFUSED = "refused"  # got mails there, and is suppressed here
    UNCONFIRMED = "unconfirmed"  # never confirmed there, and is left out
    REPEATED = "repeated"  # the address is also in another row, which was used
    REJECTED = "rejected"
    REMARK = "remark"  # about a row that has another outcome


class KeptFor(StrEnum):
    """Why the undoing of an import leaves something as it is."""

    CHANGED = "changed"  # the state or the choices are no longer those that were imported
    ACTED = "acted"  # they wrote, confirmed, moved or asked for a link themselves
    COMPLAINED = "complained"
    STOPPED_AGAIN = "stopped_again"  # the address has been suppressed for another reason since
