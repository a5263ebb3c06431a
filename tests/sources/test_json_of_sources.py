"""What one process parsed, another reads from JSON; and sizes of images are believed if they are plausible."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from digest.sources.pure.entries import Enclosure, Entry, ParsedSource, parse_image_size
from digest.sources.pure.feeds.skip_hours import SkipSchedule
from digest.sources.states import SourceKind

MOMENT = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)
FULL = Entry(
    id="q-1",
    title="Grain",
    link="https://quay.example/1",
    published=MOMENT,
    updated=MOMENT + timedelta(hours=1),
    author="Ana",
    summary="Ships",
    content="<p>Ships</p>",
    categories=("Ports", "Grain"),
    enclosures=(Enclosure("https://quay.example/a.mp3", "audio/mpeg"),),
    image="https://quay.example/1.jpg",
    image_size=(640, 480),
)
SOURCE = ParsedSource(
    kind=SourceKind.SITEMAP,
    title="Quay",
    link="https://quay.example/",
    language="en",
    entries=(FULL, Entry(id="q-2", title="Salt")),
    warnings=("not well formed",),
    ttl=timedelta(minutes=90),
    skips=SkipSchedule(3, 64),
    children=("https://quay.example/news.xml",),
)


@pytest.mark.parametrize("source", [SOURCE, ParsedSource(SourceKind.FEED)])
def test_a_source_with_and_without_all_its_fields_comes_back_from_json(source: ParsedSource) -> None:
    assert ParsedSource.from_json(json.loads(json.dumps(source.as_json()))) == source


def test_dates_are_written_with_their_zone_and_intervals_in_seconds() -> None:
    written = SOURCE.as_json()
    assert (written["kind"], written["ttl"]) == ("sitemap", 5400)
    assert written["entries"][0]["published"] == "2026-01-14T08:30:00+00:00"
    assert written["entries"][1]["published"] is None
    assert ParsedSource(SourceKind.FEED).as_json()["ttl"] is None


def test_a_wait_of_no_time_is_no_wait() -> None:
    assert ParsedSource.from_json({**SOURCE.as_json(), "ttl": 0}).ttl == timedelta()


@pytest.mark.parametrize(
    ("values", "size"),
    [
        (("640", "480"), (640, 480)),
        ((640, 480), (640, 480)),
        (("1", "1"), (1, 1)),
        (("20000", "20000"), (20_000, 20_000)),
        (("20001", "480"), None),
        (("640", "20001"), None),
        (("0", "480"), None),
        (("640", "0"), None),
        (("640", ""), None),
        (("640", "48.5"), None),
        (("640", "480", "3"), None),
        (("640",), None),
        ((), None),
        (None, None),
        (("100%", "640"), None),
        (("640000", "480"), None),
    ],
)
def test_a_size_is_believed_if_both_sides_are_plausible(
    values: tuple[object, ...] | None, size: tuple[int, int] | None
) -> None:
    assert parse_image_size(values) == size
