"""Coverage: countries that readers want and no source covers, with what may help."""

import html
import re

import lxml.html
import pytest
from sqlalchemy import update

from digest.admin.coverage_map import CountryCoverage, classify
from digest.parts import Parts
from digest.regions.tree.world_outlines import world_map
from digest.sources.models import Source
from tests.builders import World
from tests.web.browser_session import BrowserSession


def rows(page: str) -> list[list[str]]:
    """The cells of the table, as text."""
    table = page.partition('<h2 id="countries">')[2].partition("</table>")[0]
    found = re.findall(r"<tr[^>]*>\s*<th scope=\"row\">(.*?)</tr>", table, re.DOTALL)
    cells = (re.split(r"</t[hd]>", row) for row in found)
    return [[html.unescape(re.sub(r"<[^>]*>|\s+", " ", cell)).strip() for cell in row[:-1]] for row in cells]


def test_wanted_countries_without_articles_stand_first_with_suggestions(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    for _ in range(3):
        world.article(countries=["KZ"])
    world.source("The Kyrgyz Hour")
    with parts.db.begin() as tx:
        tx.execute(update(Source).where(Source.title == "The Kyrgyz Hour").values(home="KG", state="stopped"))
    world.subscriber("ann@example.com", ["kz", "kg"])
    world.subscriber("bob@example.com", ["kg", "tv"])
    world.subscriber("cem@example.com", ["world"])
    world.subscriber("gone@example.com", ["fr"], state="unsubscribed")
    page = editor.get_page("/admin/coverage")
    gaps = rows(page)
    assert [row[:3] for row in gaps] == [["Kyrgyzstan", "2", "0"], ["Tuvalu", "1", "0"]]
    assert "Sources from there: The Kyrgyz Hour stopped" in re.sub(r"\s+", " ", gaps[0][3])
    assert "may have a feed about the country: The Steppe Post" in re.sub(r"\s+", " ", gaps[0][3])
    assert "In the starter packs: Kabar" in re.sub(r"\s+", " ", gaps[0][3])
    assert "No source is from there." in gaps[1][3]
    assert "may have a feed" not in gaps[1][3]
    every = editor.get_page("/admin/coverage?list=all")
    assert [row[:4] for row in rows(every)][1] == ["Kazakhstan", "1", "3", "1"]
    assert "1 chose the world" in page


def test_an_empty_site_has_no_gaps(editor: BrowserSession) -> None:
    page = editor.get_page("/admin/coverage")
    assert "No gaps" in page
    assert "All countries" not in page


def test_counts_are_kept_for_five_minutes(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.subscriber("ann@example.com", ["kz"])
    assert "Kazakhstan" in editor.get_page("/admin/coverage")
    world.subscriber("bob@example.com", ["ge"])
    assert "Georgia" not in editor.get_page("/admin/coverage")
    world.clock.advance(minutes=6)  # type: ignore[attr-defined]  # the clock of tests
    assert "Georgia" in editor.get_page("/admin/coverage")


@pytest.mark.parametrize(
    ("readers", "articles", "kind"),
    [(0, 0, "none"), (0, 5, "unwanted"), (1, 2, "gap"), (1, 3, "some"), (9, 13, "some"), (1, 14, "many")],
)
def test_a_country_is_classed_by_who_wants_it_and_what_there_is(
    readers: int, articles: int, kind: str
) -> None:
    assert classify(CountryCoverage("KZ", readers, articles, 1, ())) == kind


def test_the_map_shows_the_classes_and_leads_from_a_gap_to_what_may_help(
    editor: BrowserSession, world: World
) -> None:
    for _ in range(3):
        world.article(countries=["KZ"])
    world.article(countries=["FR"])
    world.subscriber("ann@example.com", ["kz", "kg", "mv"])
    page = lxml.html.fromstring(editor.get_page("/admin/coverage"))
    drawn = {
        shape.findtext("title"): shape.get("class")
        for shape in page.cssselect(".coverage-map [class^=cover]")
    }
    assert drawn["Kazakhstan: 1 reader, 3 articles"] == "cover-some"
    assert drawn["France: 0 readers, 1 article"] == "cover-unwanted"
    assert drawn["Maldives: 1 reader, 0 articles"] == "cover-gap"
    gaps = [link.attrib["href"] for link in page.cssselect(".coverage-map a")]
    assert sorted(gaps) == ["#gap-kg", "#gap-mv"]
    assert all(page.cssselect(href) for href in gaps)
    key = " ".join(page.cssselect(".map-key")[0].text_content().split())
    assert "wanted, fewer than 3 articles: 2" in key
    assert not page.cssselect("[style]")


def test_a_part_of_the_map_can_be_looked_at(editor: BrowserSession, world: World) -> None:
    world.subscriber("ann@example.com", ["kz"])
    asia = lxml.html.fromstring(editor.get_page("/admin/coverage?view=asia"))
    assert asia.xpath("string(//svg[@role='group']/@viewbox)") == world_map()["views"]["asia"]
    assert 'aria-current="true">World<' in editor.get_page("/admin/coverage?view=nowhere")


def test_a_world_of_gaps_is_read_in_pages_to_which_the_map_leads(
    editor: BrowserSession, world: World
) -> None:
    world.subscriber("ann@example.com", ["africa", "asia", "europe", "americas", "oceania"])
    for number in (1, 3):
        text = editor.get_page(f"/admin/coverage?page={number}")
        assert len(text.encode()) < 100_000  # as for every page of the newsroom
        page = lxml.html.fromstring(text)
        links = [link.attrib["href"] for link in page.cssselect(".coverage-map a")]
        here = {link for link in links if link.startswith("#")}
        rows_of_page = {f"#{row.attrib['id']}" for row in page.cssselect("tr[id^=gap-]")}
        assert len(rows_of_page) == 25
        assert here <= rows_of_page
        assert {link for link in links if link.startswith("?page=2#")}
    every = editor.get_page("/admin/coverage?list=all&page=2")
    assert "26 to 50 of" in every
    assert len(every.encode()) < 100_000
    assert "No such page" in editor.get_page("/admin/coverage?list=all&page=99")
