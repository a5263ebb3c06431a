"""The states of a delivery and the kinds of refusals, as they are stored."""

from enum import StrEnum


class DeliveryState(StrEnum):
    """What has become of a delivery. A deferred one is planned again, with a later `not_before`."""

    PLANNED = "planned"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"  # deferred for too long
    IN_DOUBT = "in_doubt"  # the reply to the final dot was missing twice, so it may have been accepted
    SKIPPED = "skipped"  # after planning the subscriber left or paused, or all stories were hidden
    CANCELLED = "cancelled"


# In the order in which totals list them.
FINAL_STATES = (
    DeliveryState.ACCEPTED,
    DeliveryState.REFUSED,
    DeliveryState.EXPIRED,
    DeliveryState.SKIPPED,
    DeliveryState.IN_DOUBT,
    DeliveryState.CANCELLED,
)
SENT_STATES = (DeliveryState.ACCEPTED, DeliveryState.IN_DOUBT)  # the subscriber has it, or may have it
# The subscriber does not have it, unless an earlier attempt of it was in doubt.
NOT_RECEIVED_STATES = (
    DeliveryState.CANCELLED,
    DeliveryState.EXPIRED,
    DeliveryState.REFUSED,
    DeliveryState.SKIPPED,
)


class RefusalKind(StrEnum):
    """Whom the mail server's refusal of a mail is about."""

    UNKNOWN_RECIPIENT = "unknown"  # the address does not exist
    SOFT = "soft"  # the mailbox is full, a policy or a reputation: it counts with the soft bounces
    SENDER = "sender"  # what we send or how: it says nothing about the address
