"""What pages say about counting: to readers whenever it is on, and to editors what was counted."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from lxml import html as markup

from digest.deliveries.models import ArchivedDeliveryCount
from digest.deliveries.states import DeliveryState
from digest.editions.models import Edition
from digest.editions.states import EditionKind, EditionState
from digest.i18n.catalogs import PAGE_LANGUAGES, load_catalog
from digest.opens import store
from digest.opens.states import Subject
from digest.opens.store import CountKey, Opens
from digest.parts import Parts
from digest.settings import Settings
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession, sign_in_as
from tests.web.subscribers import link_path

PROMISE = "No tracking pixels, no rewritten links, one-click unsubscribe."  # true while counting is off
SENTENCE = "We count how often each story is opened, but not who opens it."
STORY, SOURCE, ALL, REGION, EDITION = (
    Subject.STORY,
    Subject.SOURCE,
    Subject.ALL,
    Subject.REGION,
    Subject.EDITION,
)


@pytest.fixture
def reader(app: Flask) -> BrowserSession:
    return BrowserSession(app.test_client())


@pytest.fixture
def editor(app: Flask) -> BrowserSession:
    return sign_in_as(app, "editor")


def test_the_form_says_it_in_every_language(reader: BrowserSession) -> None:
    for lang in PAGE_LANGUAGES:
        words = load_catalog("pages", lang)
        page = reader.get_page(f"/?lang={lang}")
        assert words.gettext(SENTENCE) in page
        assert words.gettext(PROMISE) not in page
        assert lang == "en" or words.gettext(SENTENCE) != SENTENCE


def test_the_frame_on_other_sites_and_the_preferences_say_it_too(
    app: Flask, reader: BrowserSession, world: World
) -> None:
    subscriber = world.subscriber()
    assert SENTENCE in reader.get_page("/embed?regions=kz")
    assert SENTENCE in reader.get_page(link_path(app, "preferences", subscriber.public_id))


def add_counts(parts: Parts, clock: StoppedClock) -> None:
    """Counts of this week, of the last one and of a year ago."""
    today, week = date(2026, 3, 9), timedelta(days=7)
    amounts = {
        CountKey(ALL, "", today.isoformat()): Opens(1900, 1234, 77),
        CountKey(ALL, "", (today - week).isoformat()): Opens(10, 9, 8),
        CountKey(ALL, "", (today - 60 * week).isoformat()): Opens(555_555, 555_555, 0),
        CountKey(STORY, "1", today.isoformat()): Opens(60, 41, 5),
        CountKey(SOURCE, "1", today.isoformat()): Opens(60, 41, 5),
        CountKey(EDITION, "3", today.isoformat()): Opens(90, 52, 6),
        **{
            CountKey(REGION, slug, today.isoformat()): Opens(60, number, 5)
            for slug, number in (("world", 41), ("asia", 38), ("central-asia", 37), ("kz", 36), ("europe", 3))
        },
    }
    with parts.db.begin() as tx:
        store.add(tx, amounts)
        moment = clock()
        tx.add(
            Edition(
                id=3,
                kind=EditionKind.SCHEDULED,
                slot="x",
                state=EditionState.SENT,
                cutoff=moment,
                created_at=moment,
            )
        )
        tx.flush()
        tx.add(ArchivedDeliveryCount(edition_id=3, state=DeliveryState.ACCEPTED, count=800))


def tables(page: str) -> dict[str, list[list[str]]]:
    """The cells of each table, by the heading above it."""
    tree = markup.document_fromstring(page)
    return {
        str(table.xpath("string(ancestor::section//h2)")): [
            [" ".join(cell.text_content().split()) for cell in row.xpath("th|td")] for row in table.iter("tr")
        ]
        for table in tree.iter("table")
    }


def test_the_page_of_counts_has_a_table_under_every_chart(
    editor: BrowserSession, world: World, parts: Parts, clock: StoppedClock
) -> None:
    world.article(title="Night train returns", countries=("KZ",))
    add_counts(parts, clock)
    page = editor.get_page("/admin/opens?weeks=4")
    assert len(re.findall(r'<svg viewBox[^>]*role="img"', page)) == 3
    shown = tables(page)
    assert shown["All stories"][1][1:] == ["1,234", "666", "77"]
    assert shown["All stories"][2][1:] == ["9", "1", "8"]
    assert len(shown["All stories"]) == 5
    assert shown["By region"][:2] == [["Week from", "Asia", "Europe"], ["9 Mar", "38", "3"]]
    assert shown["By source"][1][1:] == ["41"]
    assert shown["Most opened stories"][1] == ["Night train returns The Steppe Post", "41", "60", "5"]
    assert shown["By edition"][1][1:] == ["800", "52", "90", "6"]
    assert "555,555" not in page


def test_a_region_is_looked_into(
    editor: BrowserSession, world: World, parts: Parts, clock: StoppedClock
) -> None:
    add_counts(parts, clock)
    assert tables(editor.get_page("/admin/opens?region=central-asia"))["By region"][0] == [
        "Week from",
        "Kazakhstan",
    ]
    assert tables(editor.get_page("/admin/opens?region=kz"))["By region"][0] == ["Week from", "Kazakhstan"]
    assert tables(editor.get_page("/admin/opens?region=cis"))["By region"][0] == ["Week from", "Kazakhstan"]
    assert editor.get("/admin/opens?region=nowhere").status_code == 404


def test_the_desk_the_story_and_the_edition_show_their_counts(
    editor: BrowserSession, world: World, parts: Parts, clock: StoppedClock
) -> None:
    world.article(countries=("KZ",))
    world.article(countries=("KZ",))
    add_counts(parts, clock)
    desk = editor.get_page("/admin/today")
    assert desk.count("opened by 41 visitors") == 1
    assert desk.count("opened by") == 1
    assert '<td class="number">60</td>' in editor.get_page("/admin/stories/1")
    assert "by 52 visitors" in editor.get_page("/admin/editions/3")


def test_where_nothing_was_opened_the_page_says_so(editor: BrowserSession) -> None:
    page = editor.get_page("/admin/opens")
    assert page.count("Nothing was opened in this time") == 1
    assert "Nothing in this time" not in page  # nothing else is empty beside it
    assert "Counting is off" not in page


class TestOff:
    """A site that does not count."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, count_opens=False)

    def test_readers_are_told_nothing(self, app: Flask, reader: BrowserSession, world: World) -> None:
        subscriber = world.subscriber()
        preferences = link_path(app, "preferences", subscriber.public_id)
        for path in ("/", "/embed?regions=kz", preferences):
            assert SENTENCE not in reader.get_page(path)
        assert PROMISE in reader.get_page("/")

    def test_editors_are_told_how_to_turn_it_on(self, editor: BrowserSession) -> None:
        assert "COUNT_OPENS" in editor.get_page("/admin/opens")
