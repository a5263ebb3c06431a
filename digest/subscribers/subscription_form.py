"""The form of a subscription, on readers' pages and in the newsroom: its choices, its values, and how it is read."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from digest.i18n.dates import weekday_names
from digest.i18n.locales import language_name, text_direction
from digest.i18n.zones import zone_choices
from digest.regions.tree.outline import build_outline, search_outline
from digest.regions.tree.region_tree import RegionTree
from digest.regions.tree.world_outlines import map_views
from digest.subscribers.models import Subscriber
from digest.subscribers.preference_fields import (
    FormValues,
    chosen_regions,
    content_values,
    read_language_choices,
    subscription_values,
    ticked_content,
)
from digest.subscribers.pure.content_choices import ContentChoices
from digest.subscribers.pure.subscription import (
    SEND_TIME_STEP,
    Subscription,
    existing_regions,
    parse_subscription,
)
from digest.subscribers.states import OptionalKind

REARRANGING_BUTTONS = ("find", "move")  # these send the form to get it back with other regions on it


@dataclass(frozen=True, slots=True)
class FormOffer:
    """What a form of a subscription offers, and the language of its page."""

    tree: RegionTree
    page_language: str
    languages: Sequence[str]  # of digests
    source_languages: Iterable[str]
    default_kinds: Collection[str]
    default_language: str  # the digest language that is preset
    now: datetime


def subscription_fields(
    offer: FormOffer, form: FormValues, chosen: Sequence[str], query: str, content: ContentChoices
) -> dict[str, Any]:
    """The template values of the fields for regions, content and times. `chosen` is in the order of the digest."""
    tree, lang = offer.tree, offer.page_language
    valid_slugs = existing_regions(chosen, tree)
    readable = [*offer.languages, *offer.source_languages, *content.languages_read]
    return {
        "query": query,
        "nodes": search_outline(tree, query, lang) if query else build_outline(tree, lang),
        "map_views": map_views(tree, lang),
        "chosen": frozenset(valid_slugs),
        "names": {slug: tree.name(slug, lang) for slug in valid_slugs},
        "optional_kinds": tuple(OptionalKind),
        "readable": read_language_choices(readable),
        "ticked": ticked_content(form, content, offer.default_kinds),
        "weekdays": weekday_names(lang),
        "times": time_choices(),
        "zones": zone_choices(lang, offer.now),
        "languages": language_choices(offer.languages),
        "default_language": offer.default_language,
    }


def time_choices() -> Sequence[str]:
    """All times of day as HH:MM, in steps of 15 minutes."""
    return [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 24 * 60, SEND_TIME_STEP)]


@cache
def language_choices(languages: Sequence[str]) -> Sequence[tuple[str, str, str]]:
    """The languages of the digest: (code, text direction, name in the language itself)."""
    return [(code, text_direction(code), language_name(code)) for code in languages]


def read_subscription_form(
    form: FormValues,
    tree: RegionTree,
    *,
    languages: Sequence[str],
    default_kinds: Collection[str],
    current: Subscription,
) -> Subscription:
    """The subscription in a form. Raises InvalidSubscriptionError.

    What the form does not ask is as in `current`: a page that was opened before an upgrade lacks the newer fields.
    """
    values = {name: form.get(name, "") for name in ("cadence", "weekday", "time", "zone", "size")}
    values["language"] = form.get("language", "") or current.language
    values |= content_values(form) or current.content.as_values()
    return parse_subscription(
        chosen_regions(form), values, tree, languages=languages, default_kinds=default_kinds
    )


def form_values(subscriber: Subscriber) -> Mapping[str, str]:
    """The values of the form for a subscriber."""
    return {**subscription_values(subscriber), "email": subscriber.email}
