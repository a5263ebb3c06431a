"""The search for a subscriber in the forms for previews."""

from collections.abc import Sequence

from digest.database import Tx
from digest.subscribers.models import Subscriber
from digest.subscribers.store import subscribers

MAX_MATCHES = 10  # a longer list is not useful beside a form; an editor can type more of the address


def find_subscribers(tx: Tx, text: str, state: str = "") -> Sequence[Subscriber]:
    """Up to ten subscribers in `state` ("" for any) whose address contains `text`; none for an empty text."""
    return subscribers.search(tx, text, state)[0][:MAX_MATCHES] if text else []
