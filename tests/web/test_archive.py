"""The archive: a page for each region and day that everybody may read, find and link to."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from PIL import Image, ImageFont
from sqlalchemy import update

from digest.articles.models import Article
from digest.articles.states import ArticleKind
from digest.articles.store import articles, region_news
from digest.i18n.catalogs import PAGE_LANGUAGES
from digest.i18n.dates import format_full_day
from digest.look.pure.look import Look, Words
from digest.parts import EXTENSION_KEY
from digest.web import share_card
from digest.web.share_card import draw_card
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.subscribers import get_parts

REGION = "/regions/central-asia"
LOOK = Look(environment=Words(name="Dateline")).shown("en")


def headlines(client: FlaskClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return re.findall(r'<h2 dir="auto"><a [^>]*>([^<]*)</a>', answer.text)


def test_a_region_has_a_page_for_each_day_newest_first(app: Flask, world: World, clock: StoppedClock) -> None:
    world.article("News of the day before", ["KZ"], age=20)
    world.article("First news of today", ["KZ"], age=5)
    world.article("Second news of today", ["UZ"], age=2)
    world.article("News from elsewhere", ["FR"], age=2)
    client, today = app.test_client(), clock().date()
    assert headlines(client, f"{REGION}/{today}") == ["Second news of today", "First news of today"]
    assert headlines(client, REGION) == ["Second news of today", "First news of today"]
    assert headlines(client, f"{REGION}/{today - timedelta(days=1)}") == ["News of the day before"]
    page = client.get(f"{REGION}/{today}").text
    assert f'<a href="{REGION}/{today - timedelta(days=1)}">{(today - timedelta(days=1)).day}</a>' in page
    assert f'rel="prev" href="{REGION}/{today - timedelta(days=1)}"' in page
    assert 'rel="next"' not in page


@pytest.mark.parametrize("day", ["2019-01-01", "2099-01-01", "2026-02-30", "2026-1-1", "yesterday"])
def test_a_day_without_a_page_is_not_found(app: Flask, world: World, day: str) -> None:
    world.article(age=5)
    assert app.test_client().get(f"{REGION}/{day}").status_code == 404


def test_an_unknown_region_is_not_found(app: Flask) -> None:
    assert app.test_client().get("/regions/atlantis").status_code == 404


def test_hidden_stories_and_those_that_only_some_readers_choose_are_out(app: Flask, world: World) -> None:
    world.article("A hidden piece of news")
    world.article("A match of the league")
    world.article("Ordinary news of today")
    with get_parts(app).db.begin() as tx:
        ids = region_news.newest_about(tx, {"KZ"}, since=world.clock() - timedelta(days=1), limit=9)
        articles.set_hidden(tx, min(ids), hidden=True, now=world.clock())
        sport = update(Article).where(Article.title == "A match of the league")
        tx.execute(sport.values(kind=ArticleKind.SPORT))
    client = app.test_client()
    assert headlines(client, REGION) == ["Ordinary news of today"]
    assert "league" not in client.get(f"{REGION}/feed.atom").text
    assert "hidden piece" not in client.get(f"{REGION}?q=piece").text


def test_the_newest_day_is_that_of_the_newest_story_that_is_shown(app: Flask, world: World) -> None:
    world.article("Ordinary news of yesterday", age=20)
    for number in range(5):
        world.article(f"Match {number} of the league", age=1 + number)
    with get_parts(app).db.begin() as tx:
        sport = update(Article).where(Article.title.contains("of the league"))
        tx.execute(sport.values(kind=ArticleKind.SPORT))
    assert headlines(app.test_client(), REGION) == ["Ordinary news of yesterday"]


def test_other_sites_and_search_engines_find_what_they_need(
    app: Flask, world: World, clock: StoppedClock
) -> None:
    world.article('News with </script> & "quotes"')
    page = app.test_client().get(f"{REGION}?lang=ka").text
    address = f"https://news.example.org{REGION}/{clock().date()}"
    assert f'<link rel="canonical" href="{address}?lang=ka">' in page
    assert f'<meta property="og:image" content="{address}/card.png?lang=ka">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert set(re.findall(r'hreflang="([a-z]{2})" href="https://news', page)) == set(PAGE_LANGUAGES)
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    item = data["mainEntity"]["itemListElement"][0]["item"]
    assert (item["@type"], item["headline"]) == ("NewsArticle", 'News with </script> & "quotes"')
    assert 'type="application/atom+xml"' in page


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_the_picture_of_a_page_is_drawn_in_every_language(app: Flask, language: str) -> None:
    tree = get_parts(app).tree
    day = format_full_day(date(2026, 11, 29), language)
    picture = Image.open(BytesIO(draw_card(LOOK, tree.name("central-asia", language), day, language)))
    assert picture.size == (1200, 630)
    assert picture.format == "PNG"
    unknown = draw_card(LOOK, "\U000f0000" * 12, day, language)  # what a font without these letters draws
    assert picture.tobytes() != Image.open(BytesIO(unknown)).tobytes()


def test_without_fribidi_only_what_is_written_from_left_to_right_has_a_picture(
    app: Flask, world: World, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.article(age=5)
    monkeypatch.setattr(share_card, "can_shape", lambda: False)
    monkeypatch.setattr(
        share_card,
        "_font",
        lambda size: ImageFont.truetype(share_card.FONT, size, layout_engine=ImageFont.Layout.BASIC),
    )
    path = f"{REGION}/{clock().date()}/card.png"
    assert app.test_client().get(f"{path}?lang=fa").status_code == 404
    assert app.test_client().get(f"{path}?lang=ka").content_type == "image/png"


def test_a_long_name_fits_into_the_picture() -> None:
    assert len(draw_card(LOOK, "Saint Helena, " * 20, "Sunday, 29 November 2026", "en")) > 1000


def test_the_picture_is_served_and_kept(app: Flask, world: World, clock: StoppedClock) -> None:
    world.article(age=5)
    answer = app.test_client().get(f"{REGION}/{clock().date()}/card.png?lang=fa")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert app.test_client().get(f"{REGION}/2019-01-01/card.png").status_code == 404


def test_a_search_finds_headlines_of_the_last_month(app: Flask, world: World) -> None:
    world.article("The bridge over the river is open", age=48)
    world.article("The bridge of elsewhere", ["FR"])
    world.article("100% of nothing")
    client = app.test_client()
    assert headlines(client, f"{REGION}?q=BRIDGE") == ["The bridge over the river is open"]
    assert headlines(client, f"{REGION}?q=100%25") == ["100% of nothing"]
    assert headlines(client, f"{REGION}?q=%25") == ["100% of nothing"]
    assert "noindex" in client.get(f"{REGION}?q=<script>").text
    assert "<script>&" not in client.get(f"{REGION}?q=<script>").text


def test_robots_and_sitemap_name_the_public_pages_only(app: Flask, world: World) -> None:
    robots = app.test_client().get("/robots.txt").text
    assert "Disallow: /preferences/" in robots
    assert "Sitemap: https://news.example.org/sitemap.xml" in robots
    root = etree.fromstring(app.test_client().get("/sitemap.xml").data)
    pages = [str(node.text) for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert "https://news.example.org/regions/ge" in pages
    assert len(pages) == len(set(pages)) < 50_000
    assert not [page for page in pages if "/preferences" in page or "/read" in page]


def test_the_sitemap_has_only_days_with_a_page(app: Flask, world: World, clock: StoppedClock) -> None:
    world.article(age=40)
    pages, today = app.test_client().get("/sitemap.xml").text, clock().date()
    days = [(today - timedelta(days=age)).isoformat() for age in (1, 2, 3)]
    assert [f"{REGION}/{day}<" in pages for day in days] == [True, True, False]
    answers = [app.test_client().get(f"{REGION}/{day}").status_code for day in days]
    assert answers == [200, 200, 404]


def test_without_the_archive_feeds_stay_and_nothing_leads_to_a_page(
    app: Flask, world: World, clock: StoppedClock
) -> None:
    p = get_parts(app)
    app.extensions[EXTENSION_KEY] = replace(p, settings=replace(p.settings, archive=False))
    client = app.test_client()
    for path in (REGION, f"{REGION}/{clock().date()}", f"{REGION}/{clock().date()}/card.png"):
        assert client.get(path).status_code == 404
    assert "/regions/" not in client.get("/sitemap.xml").text
    assert 'href="/regions/ge"' not in client.get("/regions").text
    assert client.get(f"{REGION}/feed.json").json["home_page_url"].endswith("/?regions=central-asia")  # type: ignore[index]
