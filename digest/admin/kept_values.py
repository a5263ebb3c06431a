"""Values that are costly to count, kept in memory for five minutes.

They are suggestions, overviews and past days: no figures to act on.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from flask import current_app

from digest.parts import parts

KEPT_FOR = timedelta(minutes=5)
EXTENSION = "dateline.kept_values"  # in Flask's `app.extensions`
Value = TypeVar("Value")


def kept_value(
    name: str, count: Callable[[], Value], *, of: object = None, is_kept: Callable[[Value], bool] = bool
) -> Value:
    """The value of a name. One that was counted `of` something else, such as other days, is counted again.

    `is_kept` says which values are kept. By default an empty one is not, so that what is added first is seen at once.
    """
    kept: dict[str, tuple[datetime, object, Any]] = current_app.extensions.setdefault(EXTENSION, {})
    now, found = parts().clock(), kept.get(name)
    is_fresh = found is not None and found[1] == of and timedelta(0) <= now - found[0] < KEPT_FOR
    if found is None or not is_fresh or not is_kept(found[2]):
        found = kept[name] = (now, of, count())
    return cast("Value", found[2])
