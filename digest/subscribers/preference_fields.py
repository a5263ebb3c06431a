"""The fields of forms for the order of regions and for content choices, on readers' pages and in the newsroom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from digest.i18n.locales import language_name, text_direction
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.content_choices import NO, NO_KINDS, YES, ContentChoices
from digest.subscribers.pure.region_order import arrange_regions

CONTENT_MARKER = "content"  # the field that says that a form asks for content choices


class FormValues(Protocol):
    """The values that a browser sent, several for some names, as Werkzeug's MultiDict has them."""

    def __contains__(self, name: object, /) -> bool: ...

    def get(self, name: str, default: str, /) -> str: ...

    def getlist(self, name: str, /) -> list[str]: ...


def chosen_regions(form: FormValues) -> tuple[str, ...]:
    """The regions ticked in a form, in the order of its list."""
    return arrange_regions(form.getlist("regions"), form.getlist("order"), form.get("move", ""))


def content_values(form: FormValues) -> dict[str, str]:
    """The content choices in a form, as `parse_content` reads them; empty if the form does not ask for them."""
    if CONTENT_MARKER not in form:  # browsers send nothing for boxes that are not ticked
        return {}
    return {
        "kinds": " ".join(form.getlist("kinds")) or NO_KINDS,
        "languages_read": " ".join(form.getlist("languages_read")),
        "show_why": form.get("show_why", "") or NO,
    }


def subscription_values(row: Subscriber) -> dict[str, str]:
    """The subscription of a subscriber as values that `parse_subscription` reads."""
    return {
        "cadence": row.cadence,
        "weekday": str(row.weekday),
        "time": f"{row.send_minute // 60:02d}:{row.send_minute % 60:02d}",
        "zone": row.zone,
        "language": row.preferences.language,
        "size": row.preferences.size,
        **row.preferences.content.as_values(),
    }


def ticked_content(
    form: FormValues, content: ContentChoices, default_kinds: Collection[str]
) -> Mapping[str, object]:
    """What is ticked in the fields for content: what was sent, else the choices of the subscriber."""
    if CONTENT_MARKER in form:
        return {
            "kinds": form.getlist("kinds"),
            "languages_read": form.getlist("languages_read"),
            "show_why": form.get("show_why", "") == YES,
        }
    return {
        "kinds": default_kinds if content.kinds is None else content.kinds,
        "languages_read": content.languages_read,
        "show_why": content.show_why,
    }


def read_language_choices(codes: Iterable[str]) -> Sequence[tuple[str, str, str]]:
    """The languages that a reader may read: (code, text direction, name in the language itself), by name."""
    choices = [(code, text_direction(code), language_name(code)) for code in dict.fromkeys(codes)]
    return sorted(choices, key=lambda choice: choice[2].casefold())
