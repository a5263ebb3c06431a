"""The choices of regions that most subscribers share, counted at most once in five minutes.

Counting reads all subscribers, and what is shown of it are suggestions.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app

from digest.parts import parts
from digest.subscribers.store import subscribers
from digest.subscribers.store.subscribers import SharedPreferences

KEPT_FOR = timedelta(minutes=5)
MOST = 5
EXTENSION = "dateline.common_choices"  # in Flask's `app.extensions`


def common_choices(count: int = MOST) -> Sequence[SharedPreferences]:
    """Up to `count` sets of preferences, the most frequent first."""
    now = parts().clock()
    kept: tuple[datetime, Sequence[SharedPreferences]] | None = current_app.extensions.get(EXTENSION)
    if kept is None or not kept[1] or not timedelta(0) <= now - kept[0] < KEPT_FOR:
        with parts().db.read() as tx:
            kept = (now, subscribers.most_common_preferences(tx, limit=MOST))
        current_app.extensions[EXTENSION] = kept
    return kept[1][:count]
