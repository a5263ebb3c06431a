"""Reads what a program asks for a subscriber, with the rules of the forms."""

from collections.abc import Sequence

from digest.api.v1.reading import InvalidValuesError
from digest.api.v1.schemas.people import SubscriptionBody
from digest.errors import InvalidInputError, NotFoundError
from digest.parts import parts
from digest.subscribers.models import Subscriber
from digest.subscribers.preference_fields import subscription_values
from digest.subscribers.pure.email_address import EmailAddress, parse_address
from digest.subscribers.pure.subscription import Subscription, parse_subscription


def read_address(email: str, at: str = "/email") -> EmailAddress:
    """An address. Raises InvalidValuesError, which names the place `at`."""
    try:
        return parse_address(email)
    except InvalidInputError as error:
        raise InvalidValuesError({at: str(error)}) from None


def read_regions(slugs: Sequence[str], at: str = "/regions") -> tuple[str, ...]:
    """Regions, each once, in their order. Raises InvalidValuesError, which names the place `at`."""
    tree = parts().tree
    try:
        return tuple(dict.fromkeys(tree.get(slug).slug for slug in slugs))
    except NotFoundError as error:
        raise InvalidValuesError({at: str(error)}) from None


def read_subscription(body: SubscriptionBody, current: Subscriber | None = None) -> Subscription:
    """The subscription in a request; what it leaves out is as in `current`. Raises InvalidSubscriptionError."""
    p = parts()
    values = subscription_values(current) if current else {}
    regions: Sequence[str] = current.preferences.regions if current else ()
    if body.regions is not None:
        regions = body.regions
    return parse_subscription(
        regions, values | body.as_values(), p.tree, languages=p.languages, default_kinds=p.default_kinds
    )
