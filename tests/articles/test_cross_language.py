"""Reports of one event in two languages are recognised by names, numbers, countries and times."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest

from digest.articles.pure.cross_language import bridge_pairs
from digest.articles.pure.grouping import group_reports
from digest.articles.pure.name_keys import consonants, name_keys, number_keys
from digest.articles.pure.report_pairs import ReportIndex
from digest.articles.pure.reports import Report, read_report

EVENTS = Path(__file__).parent / "one_event_in_languages" / "events.txt"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def load_events() -> tuple[list[str], list[Report]]:
    """The event of each report, and the reports. All are of one country and one moment, so only words decide."""
    events: list[str] = []
    reports: list[Report] = []
    for line in EVENTS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            event, language, title, text = line.split("|")
            events.append(event)
            reports.append(
                read_report(
                    len(reports),
                    title,
                    text,
                    seen_at=NOON,
                    source=language,
                    language=language,
                    countries=["KZ"],
                )
            )
    return events, reports


def test_pairs_of_reports_in_two_languages_are_found_with_high_precision() -> None:
    events, reports = load_events()
    same = {(a, b) for a, b in combinations(range(len(reports)), 2) if events[a] == events[b]}
    found = set(bridge_pairs(reports))
    assert len(same) >= 150
    assert len(found & same) / len(found) >= 0.95
    assert len(found & same) / len(same) >= 0.5


def test_an_event_told_in_six_languages_is_one_story() -> None:
    events, reports = load_events()
    groups = group_reports(ReportIndex.of(reports))
    largest = {
        event: max(sum(events[key] == event for key in group.keys) for group in groups) for event in events
    }
    assert all(len({events[key] for key in group.keys}) == 1 for group in groups)
    assert sum(size >= 4 for size in largest.values()) >= 5


@pytest.mark.parametrize(
    "names",
    [
        ("Lukashenko", "Лукашенко", "لوكاشينكو", "Lukaschenko", "ლუკაშენკო", "Լուկաշենկո"),
        ("Tokayev", "Токаев", "Tokajew", "توكاييف"),
        ("Balkhash", "Балхаш", "Balchasch", "بلخاش"),
    ],
)
def test_a_name_has_one_key_in_all_scripts(names: tuple[str, ...]) -> None:
    assert len({consonants(name) for name in names[:2]}) == 1
    assert sum(consonants(name) == consonants(names[0]) for name in names) >= len(names) - 1


def test_digits_of_all_scripts_are_numbers_and_single_digits_are_not() -> None:
    assert number_keys("٣٤٠ منزلا", "and 12 of 5") == {"340", "12"}


def test_small_words_are_no_names() -> None:
    assert name_keys("the dam broke", "Papanov said so") == {consonants("Papanov")}


def test_reports_about_other_countries_or_of_other_days_are_not_bridged() -> None:
    _, reports = load_events()
    elsewhere = [
        replace(one, countries=frozenset({"KZ" if n % 2 else "PE"})) for n, one in enumerate(reports[:2])
    ]
    later = [replace(one, at=one.at + 2 * n) for n, one in enumerate(reports[:2])]
    assert bridge_pairs(reports[:2]) == [(0, 1)]
    assert bridge_pairs(elsewhere) == bridge_pairs(later) == []
