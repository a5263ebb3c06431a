"""How a reader's wishes read in words of their language."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.regions.tree import region_tree as regions
from digest.subscribers.descriptions import date_line, hour_line, place, regions_line

TREE = regions.load()


@pytest.mark.parametrize(
    ("zone", "language", "told"),
    [
        ("Asia/Tashkent", "ru", "Ташкент"),
        ("Europe/Kyiv", "uk", "Київ"),
        ("America/Argentina/Buenos_Aires", "en", "Buenos Aires"),
        ("UTC", "fa", "UTC"),
        ("Mars/Olympus_Mons", "en", "Olympus Mons"),
    ],
)
def test_a_zone_is_called_by_its_city(zone: str, language: str, told: str) -> None:
    assert place(zone, language) == told


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "every Wednesday at 18:45 (Tashkent)"),
        ("ru", "раз в неделю (среда) в 18:45 (Ташкент)"),
        ("fa", "هفته‌ای یک بار (چهارشنبه) ساعت ۱۸:۴۵ (تاشکند)"),
        ("de", "einmal in der Woche (Mittwoch) um 18:45 (Taschkent)"),
    ],
)
def test_the_hour_is_told_in_the_readers_language(language: str, told: str) -> None:
    assert hour_line("weekly", 2, 18 * 60 + 45, zone="Asia/Tashkent", language=language) == told


def test_a_date_is_the_one_of_the_readers_zone() -> None:
    late = datetime(2026, 11, 22, 21, tzinfo=UTC)
    assert (
        date_line(late, ZoneInfo("Asia/Tashkent"), "Ташкент", "ru")
        == "понедельник, 23 ноября 2026\u202fг. · Ташкент"
    )


def test_many_regions_are_counted() -> None:
    slugs = [region.slug for region in TREE.all() if region.kind == "country"][:12]
    assert regions_line(TREE, slugs, "en").endswith(" and 6 more regions")
    assert regions_line(TREE, slugs[:2], "de").count(" und ") == 1
