"""Values that are costly to count, kept in memory for five minutes: suggestions and overviews, no figures to act on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from flask import current_app

from digest.parts import parts

KEPT_FOR = timedelta(minutes=5)
EXTENSION = "dateline.kept_values"  # in Flask's `app.extensions`
Value = TypeVar("Value")


def kept_value(name: str, count: Callable[[], Value]) -> Value:
    """The value of a name. An empty one is not kept, so that what is added first is seen at once."""
    kept: dict[str, tuple[datetime, Any]] = current_app.extensions.setdefault(EXTENSION, {})
    now, found = parts().clock(), kept.get(name)
    if found is None or not found[1] or not timedelta(0) <= now - found[0] < KEPT_FOR:
        found = kept[name] = (now, count())
    return cast("Value", found[1])
