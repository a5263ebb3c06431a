"""The map of the world: its outlines, the map to choose on, and the page that leads to the archive."""

from dataclasses import replace

from flask import Flask
from lxml import etree
from lxml import html as markup

from digest.parts import EXTENSION_KEY
from digest.regions.tree import region_tree
from digest.regions.tree.world_outlines import world_map
from tests.builders import World

SVG = "{http://www.w3.org/2000/svg}"
MOST_KB = 40  # compressed; it is loaded when somebody opens it


def test_nearly_every_country_is_on_the_map_within_its_frame() -> None:
    drawing = world_map()
    known = {code for region in region_tree.load().all() for code in region.countries}
    assert set(drawing["shapes"]) <= set(drawing["points"]) <= known
    assert (
        len(known - set(drawing["points"])) <= 17
    )  # Antarctica, and what Natural Earth draws as parts of other countries
    assert all(
        0 <= x <= drawing["width"] and 0 <= y <= drawing["height"] for x, y in drawing["points"].values()
    )


def test_the_map_to_choose_on_names_each_country_in_the_language_of_the_page(app: Flask) -> None:
    answer = app.test_client().get("/regions/map.svg?lang=ru", headers={"Accept-Encoding": "gzip"})
    assert answer.mimetype == "image/svg+xml"
    assert len(answer.data) < MOST_KB * 1024
    plain = app.test_client().get("/regions/map.svg?lang=ru").data
    shapes = {shape.get("data-slug"): shape for shape in etree.fromstring(plain)}
    assert shapes["kz"].get("aria-label") == "Казахстан"
    assert shapes["kz"].tag == f"{SVG}path"
    assert shapes["mt"].tag == f"{SVG}circle"
    assert {shape.get("role") for shape in shapes.values()} == {"checkbox"}


def test_countries_with_news_stand_out_and_lead_to_their_pages(app: Flask, world: World) -> None:
    world.article("Bridge opens", ["KZ"])
    page = markup.document_fromstring(app.test_client().get("/regions/map?view=asia").text)
    links = {link.get("href"): link for link in page.xpath("//svg//a")}
    assert links["/regions/kz"].get("aria-label") == "Kazakhstan (1)"
    assert links["/regions/fr"].get("aria-label") == "France"
    assert [link for link in links if links[link].xpath("*[@class='lit']")] == ["/regions/kz"]
    assert page.xpath("string(//svg/@viewbox)") == world_map()["views"]["asia"]


def test_without_an_archive_there_is_no_page_of_the_map(app: Flask) -> None:
    parts = app.extensions[EXTENSION_KEY]
    app.extensions[EXTENSION_KEY] = replace(parts, settings=replace(parts.settings, archive=False))
    assert app.test_client().get("/regions/map").status_code == 404
    assert app.test_client().get("/regions/map.svg").status_code == 200
    assert "/regions/map" not in app.test_client().get("/regions").text
