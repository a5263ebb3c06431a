"""Acts on the events of a provider's webhook, each for itself: one that can't be read is kept, and loses no other."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.database import Database
from digest.errors import InvalidInputError, UnavailableError
from digest.feedback.actions import FeedbackPolicy, apply_feedback
from digest.feedback.identification import FeedbackOrigin
from digest.feedback.pure.classification import ParsedFeedback
from digest.feedback.pure.provider_events import JsonObject
from digest.feedback.store import feedback as store

log = logging.getLogger(__name__)
ParseEvent = Callable[[JsonObject], Sequence[ParsedFeedback]]


@dataclass(frozen=True, slots=True)
class ProviderEvents:
    """The events of a signed request, as JSON values, and how one is parsed."""

    events: Sequence[object]
    parse: ParseEvent


@dataclass(slots=True)
class IntakeCounts:
    """How many pieces of feedback were taken, how many of them are new, and how many events could not be read."""

    taken: int = 0
    new: int = 0
    unread: int = 0


def take_events(
    db: Database, batch: ProviderEvents, policy: FeedbackPolicy, origin: FeedbackOrigin, *, now: datetime
) -> IntakeCounts:
    """Act on events. Raises UnavailableError; then the provider posts all of them again, and each counts once."""
    counts = IntakeCounts()
    for event in batch.events:
        try:
            for feedback in _parse(event, batch.parse):
                counts.new += apply_feedback(db, feedback, policy, origin, raw=b"", now=now).new
                counts.taken += 1
        except UnavailableError:
            raise
        except InvalidInputError as error:
            counts.unread += 1
            _keep(db, event, origin, str(error), now)
        except Exception as error:  # a provider may change its format at any time
            log.exception("feedback: an event of %s could not be read", origin.name)
            counts.unread += 1
            _keep(db, event, origin, f"{type(error).__name__}: {error}", now)
    return counts


def _parse(event: object, parse: ParseEvent) -> Sequence[ParsedFeedback]:
    if not isinstance(event, dict):
        raise InvalidInputError("The event is not a JSON object.")
    return parse(event)


def _keep(db: Database, event: object, origin: FeedbackOrigin, error: str, now: datetime) -> None:
    raw = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
    log.warning("feedback: kept an event of %s that could not be read: %s", origin.name, error)
    with db.begin() as tx:
        store.keep_unread(tx, origin.name, error, raw, now)
