"""A subscription described in the subscriber's language, for mails and pages."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from babel.dates import get_day_names
from babel.lists import format_list

from digest.i18n.dates import format_full_day
from digest.i18n.locales import cldr_locale, localize_digits, translations
from digest.i18n.zones import city_name
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.subscription import Subscription, existing_regions
from digest.subscribers.states import Cadence

MAX_NAMED_REGIONS = 6  # further regions are counted, unless there is only one


def describe_regions(tree: RegionTree, slugs: Sequence[str], language: str) -> str:
    """ "Central Asia, Georgia and Iran"; of many regions the first six, and how many more there are."""
    catalog = translations(language)
    names = [tree.name(slug, language) for slug in existing_regions(slugs, tree)]
    if len(names) > MAX_NAMED_REGIONS + 1:
        count = len(names) - MAX_NAMED_REGIONS
        more = catalog.ngettext("%(n)s more region", "%(n)s more regions", count) % {"n": count}
        names = [*names[:MAX_NAMED_REGIONS], localize_digits(more, language)]
    return str(format_list(names, locale=cldr_locale(language)))


def describe_schedule(cadence: Cadence, weekday: int, send_minute: int, *, zone: str, language: str) -> str:
    """ "daily at 07:00 (Tashkent)"."""
    catalog = translations(language)
    values = {
        "day": get_day_names(locale=cldr_locale(language))[weekday],
        "time": localize_digits(f"{send_minute // 60:02d}:{send_minute % 60:02d}", language),
        "place": city_name(zone, language),
    }
    match cadence:
        case Cadence.WEEKDAYS:
            text = catalog.gettext("on weekdays at %(time)s (%(place)s)")
        case Cadence.WEEKLY:
            text = catalog.gettext("every %(day)s at %(time)s (%(place)s)")
        case Cadence.DAILY:
            text = catalog.gettext("daily at %(time)s (%(place)s)")
    return str(text) % values


def describe_hour(subscription: Subscription | Subscriber, language: str) -> str:
    """When the digests of a subscription come, as `describe_schedule` writes it."""
    return describe_schedule(
        subscription.cadence,
        subscription.weekday,
        subscription.send_minute,
        zone=subscription.zone,
        language=language,
    )


def format_dateline(moment: datetime, zone: tzinfo, place_name: str, language: str) -> str:
    """ "Sunday, 22 November 2026 · Tashkent": the dateline of a digest."""
    return f"{format_full_day(moment.astimezone(zone).date(), language)} · {place_name}"
