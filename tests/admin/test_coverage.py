"""Coverage: countries that readers want and no source covers, with what may help."""

import html
import re

from sqlalchemy import update

from digest.parts import Parts
from digest.sources.models import Source
from tests.builders import World
from tests.web.browser_session import BrowserSession


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table after a heading, as text."""
    table = page.partition(f"<h2>{heading}</h2>")[2].partition("</table>")[0]
    found = re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", table, re.DOTALL)
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
    gaps = rows(page, "Wanted, and hardly covered")
    assert [row[:3] for row in gaps] == [["Kyrgyzstan", "2", "0"], ["Tuvalu", "1", "0"]]
    assert "Sources from there: The Kyrgyz Hour stopped" in re.sub(r"\s+", " ", gaps[0][3])
    assert "may have a feed about it: The Steppe Post" in re.sub(r"\s+", " ", gaps[0][3])
    assert "No source is from there." in gaps[1][3]
    assert "may have a feed" not in gaps[1][3]
    assert [row[:4] for row in rows(page, "All countries")][1] == ["Kazakhstan", "1", "3", "1"]
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
