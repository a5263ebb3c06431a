"""What happens, as webhooks name it, and the states of endpoints and messages."""

from enum import StrEnum


class EventType(StrEnum):
    """What a message is about. Programs rely on these names."""

    SUBSCRIBER_JOINED = "subscriber.joined"
    SUBSCRIBER_CHANGED = "subscriber.changed"
    SUBSCRIBER_LEFT = "subscriber.left"
    SUBSCRIBER_BOUNCED = "subscriber.bounced"  # so often, or so hard, that nothing is sent any more
    SUBSCRIBER_COMPLAINED = "subscriber.complained"
    SUBSCRIBER_ERASED = "subscriber.erased"
    EDITION_PLANNED = "edition.planned"
    EDITION_SENT = "edition.sent"
    EDITION_STOPPED = "edition.stopped"  # paused by itself, or cancelled by an editor
    SOURCE_IN_TROUBLE = "source.in_trouble"
    ARTICLES_HELD = "articles.held"


class EndpointState(StrEnum):
    """Whether an endpoint gets messages."""

    ACTIVE = "active"
    DISABLED = "disabled"  # by hand, or after a week of failures


class MessageState(StrEnum):
    """What has become of a message."""

    PLANNED = "planned"
    TAKEN = "taken"  # the endpoint has answered 2xx
    GIVEN_UP = "given_up"
