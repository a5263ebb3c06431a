"""Notes of the day: who gets which, and until when."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from digest.database import Database
from digest.editions.pure.calendar import local_day_bounds
from digest.editions.pure.day_notes import DayNote, choose_subject, notes_for, notes_in_force
from digest.editions.pure.digest_input import DigestInput
from digest.editions.store import day_notes as store
from digest.regions.tree import region_tree

TREE = region_tree.load()
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def note(number: int, region: str, text: str = "Hello", subject: str = "") -> DayNote:
    return DayNote(number, region, text, subject, "editor@example.org", NOW, NOW + timedelta(hours=6))


def regions_of(notes: Sequence[DayNote], *chosen: str) -> list[str]:
    found = notes_for(notes, chosen, lambda slug: TREE.countries_of([slug]))
    return [note.region for note in found]


def test_a_regions_note_reaches_those_who_chose_it_or_a_part_of_it() -> None:
    notes = [note(1, "central-asia"), note(2, "ge"), note(3, "world")]
    assert regions_of(notes, "kz") == ["world", "central-asia"]
    assert regions_of(notes, "central-asia", "ge") == ["world", "central-asia", "ge"]
    assert regions_of(notes, "asia") == ["world"]
    assert regions_of(notes, "world") == ["world"]
    assert regions_of(notes) == ["world"]


def test_a_group_of_the_same_countries_is_a_part_of_a_region_too() -> None:
    countries = {
        "one": frozenset({"KZ", "UZ"}),
        "same": frozenset({"KZ", "UZ"}),
        "larger": frozenset({"KZ", "UZ", "GE"}),
    }
    for chosen, expected in (("same", ["one"]), ("larger", [])):
        found = notes_for([note(1, "one")], [chosen], lambda slug: countries.get(slug, frozenset()))
        assert [each.region for each in found] == expected


def test_a_subject_is_an_editors_own_if_a_note_has_it() -> None:
    def given(subject: str, *notes: DayNote) -> DigestInput:
        return DigestInput(subject, "en", "", (), "https://news.example.org", day_notes=notes)

    mine = note(1, "kz", subject="A quiet day")
    assert given("A quiet day", mine).has_own_subject
    assert not given("Floods in the south", mine).has_own_subject
    assert not given("", note(1, "kz")).has_own_subject


def test_a_digest_has_the_notes_of_its_smallest_regions() -> None:
    notes = [note(n, region) for n, region in enumerate(("world", "asia", "central-asia", "kz"), 1)]
    assert regions_of(notes, "kz") == ["asia", "central-asia", "kz"]


def test_the_subject_of_the_smallest_region_counts() -> None:
    notes = [note(1, "world", subject="For all"), note(2, "central-asia", subject="For some"), note(3, "kz")]
    chosen = notes_for(notes, ["kz"], lambda slug: TREE.countries_of([slug]))
    assert choose_subject(chosen) == "For some"
    assert choose_subject(notes[:1]) == "For all"
    assert choose_subject(notes[2:]) == ""


def test_the_last_version_of_a_region_counts_and_an_empty_one_takes_it_back() -> None:
    versions = [note(1, "kz"), note(2, "ge"), note(3, "kz", "Better"), note(4, "ge", "", "")]
    assert [(one.id, one.text) for one in notes_in_force(versions)] == [(3, "Better")]


@pytest.mark.parametrize(
    ("zone", "moment", "starts", "ends"),
    [
        ("UTC", "2026-03-10T23:59:59", "2026-03-10T00:00:00", "2026-03-11T00:00:00"),
        ("Asia/Almaty", "2026-03-10T20:00:00", "2026-03-10T19:00:00", "2026-03-11T19:00:00"),
        ("Europe/Berlin", "2026-03-29T12:00:00", "2026-03-28T23:00:00", "2026-03-29T22:00:00"),  # 23 hours
        ("Africa/Cairo", "2026-04-24T12:00:00", "2026-04-23T22:00:00", "2026-04-24T21:00:00"),  # no 00:00
        ("Nowhere/Atall", "2026-03-10T12:00:00", "2026-03-10T00:00:00", "2026-03-11T00:00:00"),
    ],
)
def test_a_day_lasts_from_midnight_to_midnight_in_its_zone(
    zone: str, moment: str, starts: str, ends: str
) -> None:
    bounds = local_day_bounds(datetime.fromisoformat(moment).replace(tzinfo=UTC), zone)
    assert [bound.strftime("%Y-%m-%dT%H:%M:%S") for bound in bounds] == [starts, ends]


def test_a_stored_note_is_in_force_until_midnight(db: Database) -> None:
    midnight = datetime(2026, 3, 10, 19, tzinfo=UTC)  # in Almaty
    with db.begin() as tx:
        stored = store.add(tx, "kz", "Hello", "", author="e@x.org", zone="Asia/Almaty", now=NOW)
        assert stored.ends_at == midnight
        assert [one.id for one in store.in_force(tx, midnight - timedelta(seconds=1))] == [stored.id]
        assert store.in_force(tx, midnight) == ()
        assert store.by_ids(tx, [stored.id, 99]) == {stored.id: stored}
        assert store.prune(tx, midnight, 10) == 0
        assert store.prune(tx, midnight + timedelta(seconds=1), 10) == 1
