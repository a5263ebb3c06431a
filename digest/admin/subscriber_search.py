"""The search for a subscriber in the forms for previews."""

from collections.abc import Sequence

from digest.database import Tx
from digest.subscribers.models import Subscriber
from digest.subscribers.states import SubscriberState
from digest.subscribers.store import listing
from digest.subscribers.store.listing import Order, SubscriberFilter

MAX_MATCHES = 10  # a longer list is not useful beside a form; an editor can type more of the address


def find_subscribers(tx: Tx, text: str, state: str = "") -> Sequence[Subscriber]:
    """Up to ten subscribers in `state` ("" for any) whose address contains `text`; none for an empty text."""
    if not text:
        return []
    chosen = SubscriberFilter(text, SubscriberState(state) if state else None)
    return listing.page(tx, chosen, Order.NEWEST).rows[:MAX_MATCHES]
