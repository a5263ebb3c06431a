"""A subscription described in several languages."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.i18n.zones import city_name
from digest.regions.tree import region_tree as regions
from digest.subscribers.descriptions import describe_regions, describe_schedule, format_dateline
from digest.subscribers.states import Cadence

TREE = regions.load()


@pytest.mark.parametrize(
    ("zone", "language", "description"),
    [
        ("Asia/Tashkent", "ru", "Ташкент"),
        ("Europe/Kyiv", "uk", "Київ"),
        ("America/Argentina/Buenos_Aires", "en", "Buenos Aires"),
        ("UTC", "fa", "UTC"),
        ("Mars/Olympus_Mons", "en", "Olympus Mons"),
    ],
)
def test_a_zone_is_called_by_its_city(zone: str, language: str, description: str) -> None:
    assert city_name(zone, language) == description


@pytest.mark.parametrize(
    ("language", "description"),
    [
        ("en", "every Wednesday at 18:45 (Tashkent)"),
        ("ru", "раз в неделю (среда) в 18:45 (Ташкент)"),
        ("fa", "هفته‌ای یک بار (چهارشنبه) ساعت ۱۸:۴۵ (تاشکند)"),
        ("de", "einmal in der Woche (Mittwoch) um 18:45 (Taschkent)"),
    ],
)
def test_a_schedule_is_described_in_the_subscribers_language(language: str, description: str) -> None:
    assert (
        describe_schedule(Cadence.WEEKLY, 2, 18 * 60 + 45, zone="Asia/Tashkent", language=language)
        == description
    )


def test_a_dateline_has_the_date_in_the_subscribers_zone() -> None:
    evening_utc = datetime(2026, 11, 22, 21, tzinfo=UTC)
    assert (
        format_dateline(evening_utc, ZoneInfo("Asia/Tashkent"), "Ташкент", "ru")
        == "понедельник, 23 ноября 2026\u202fг. · Ташкент"
    )


def test_many_regions_are_counted() -> None:
    slugs = [region.slug for region in TREE.all() if region.kind == "country"][:12]
    assert describe_regions(TREE, slugs, "en").endswith(" and 6 more regions")
    assert describe_regions(TREE, slugs[:2], "de").count(" und ") == 1
