"""The choices of regions that most subscribers share. Counting them reads all subscribers, so they are kept."""

from collections.abc import Sequence

from digest.admin.kept_values import kept_value
from digest.parts import parts
from digest.subscribers.store import subscribers
from digest.subscribers.store.subscribers import SharedPreferences

MOST = 5


def common_choices(count: int = MOST) -> Sequence[SharedPreferences]:
    """Up to `count` sets of preferences, the most frequent first. They may be five minutes old."""
    return kept_value("common choices", _load)[:count]


def _load() -> Sequence[SharedPreferences]:
    with parts().db.read() as tx:
        return subscribers.most_common_preferences(tx, limit=MOST)
