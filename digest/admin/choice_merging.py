"""The choices of a subscriber that somebody has typed, merged with what somebody else has saved meanwhile."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from digest.admin import edit_conflicts
from digest.admin.edit_conflicts import EditedThing
from digest.admin.form_choices import kind_choices, page_language
from digest.admin.import_columns import field_labels
from digest.admin.pure.three_way import MergedFields
from digest.admin.template_filters import region_name
from digest.articles.states import ArticleKind
from digest.database import Tx
from digest.i18n.dates import weekday_names
from digest.i18n.locales import language_name
from digest.parts import parts
from digest.subscribers.pure.content_choices import NO_KINDS, YES
from digest.subscribers.pure.subscription import Subscription

FORM = "choices"
SCHEDULE = ("language", "cadence", "weekday", "send_minute", "zone", "size")
CONTENT = ("kinds", "languages_read", "show_why")


def values_of(subscription: Subscription) -> dict[str, Any]:
    """What the form can change, by field."""
    return {
        "regions": subscription.regions,
        **{name: getattr(subscription, name) for name in SCHEDULE},
        **subscription.content.as_values(),
    }


def edited(subscriber_id: int) -> EditedThing:
    """What the form changes, in words."""
    labels = field_labels() | {"send_minute": field_labels()["time"]}
    return EditedThing(
        FORM, f"/admin/subscribers/{subscriber_id}", labels, _describe, audit_names={"send_minute": "time"}
    )


def merge(
    tx: Tx, subscriber_id: int, stored: Subscription, typed: Subscription
) -> tuple[Subscription, MergedFields]:
    """The subscription to save. Raises SaveConflictError."""
    merged = edit_conflicts.merge_typed(tx, edited(subscriber_id), values_of(stored), values_of(typed))
    theirs = frozenset(merged.theirs)
    content = {name: getattr(stored.content, name) for name in theirs.intersection(CONTENT)}
    kept: dict[str, Any] = {name: getattr(stored, name) for name in theirs.difference(CONTENT)}
    return replace(typed, content=replace(typed.content, **content), **kept), merged


def form_again(merged: MergedFields) -> "MultiDict[str, str]":
    """The fields of the form after a conflict: what was typed, and what only somebody else has changed."""
    form = MultiDict(request.form)
    for name in merged.theirs:
        value = merged.values[name]
        match name:
            case "regions":
                form.setlist("regions", list(value))
                form.setlist("order", list(value))
            case "kinds":
                form.setlist("kinds", [str(kind) for kind in _kinds(value)])
            case "languages_read":
                form.setlist("languages_read", value.split())
            case "show_why":
                form.setlist("show_why", [YES] if value == YES else [])
            case "send_minute":
                form["time"] = _time(value)
            case _:
                form[name] = str(value)
    return form


def _describe(name: str, value: Any) -> str:
    words: Mapping[str, Callable[[Any], object]] = {
        "regions": lambda slugs: ", ".join(map(region_name, slugs)),
        "kinds": lambda text: ", ".join(str(kind_choices()[kind]) for kind in _kinds(text)) or _("news only"),
        "languages_read": lambda text: ", ".join(map(language_name, text.split())),
        "show_why": lambda text: _("yes") if text == YES else _("no"),
        "cadence": {"daily": _("daily"), "weekdays": _("on weekdays"), "weekly": _("weekly")}.__getitem__,
        "weekday": lambda number: weekday_names(page_language())[number],
        "send_minute": _time,
        "language": language_name,
    }
    return str(words.get(name, str)(value))


def _kinds(text: str) -> list[ArticleKind]:
    """The kinds that a subscriber gets beside news; an empty text stands for the default."""
    names = parts().default_kinds if not text else [] if text == NO_KINDS else text.split()
    return sorted(map(ArticleKind, names))


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
