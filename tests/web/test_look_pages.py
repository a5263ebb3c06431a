"""The look on readers' pages: their words in each language, the colours without inline styles, and the logo."""

import io
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from digest.look import store
from digest.look.logos import read_picture
from digest.look.pure.look import ALL_LANGUAGES, Look, Masthead, Words
from digest.parts import Parts
from tests.builders import World
from tests.web.subscribers import ANN, link_path, new_browser

FEED = "/regions/central-asia/feed.atom"


def save(parts: Parts, **values: Any) -> Look:
    """Save a look as another request of this process does."""
    _, saved = parts.looks.save(
        parts.db, lambda look: replace(look, **values), author="ann@example.org", now=parts.clock()
    )
    return saved


def add_logo(parts: Parts) -> Look:
    output = io.BytesIO()
    Image.new("RGBA", (300, 100), (200, 0, 80, 120)).save(output, "PNG")
    picture = read_picture(output.getvalue())
    with parts.db.begin() as tx:
        store.add_picture(tx, picture, parts.clock())
    return save(parts, logo=picture.logo)


def test_a_page_has_the_words_of_its_language_else_those_for_all(app: Flask, parts: Parts) -> None:
    words = {
        ALL_LANGUAGES: Words(name="Silk Road", tagline="Two seas", footer="By **us**"),
        "fa": Words(name="جادهٔ ابریشم"),
    }
    save(parts, words=words)
    client = app.test_client()
    english, persian = client.get("/?lang=en").text, client.get("/?lang=fa").text
    assert "<title>News of the regions you choose — Silk Road</title>" in english
    assert "جادهٔ ابریشم</title>" in persian
    for page in (english, persian):
        assert "Two seas" in page
        assert "By <strong>us</strong>" in page
    assert "جادهٔ ابریشم: " in client.get(f"{FEED}?lang=fa").text
    assert "<h1>Silk Road</h1>" in client.get("/embed?lang=en").text


def test_a_change_of_the_look_shows_on_kept_pages_at_once(app: Flask, parts: Parts) -> None:
    client = app.test_client()
    for path in ("/", FEED, "/regions"):
        before = client.get(path)
        assert "Silk Road" not in before.text
        save(parts, words={ALL_LANGUAGES: Words(name="Silk Road")})
        after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        assert "Silk Road" in after.text
        save(parts, words={})


def test_colours_are_a_style_sheet_that_never_changes(app: Flask, parts: Parts) -> None:
    client = app.test_client()
    assert "/look/" not in client.get("/").text
    save(parts, colour="#8b0050")
    page = client.get("/").text
    url = page.partition('href="/look/')[2].partition('"')[0].replace("&amp;", "&")
    sheet = client.get(f"/look/{url}")
    assert sheet.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert sheet.mimetype == "text/css"
    assert "Cookie" not in sheet.headers.get("Vary", "")
    assert "--accent: #8b0050" in sheet.text
    assert " style=" not in page
    old = client.get(f"/look/{url.partition('?')[0]}?v=of-an-earlier-release")
    assert old.headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    "name", ["ffdd00-ffdd00", "8b0050-000000", "8b0050", "x-y", "8b0050;}-ff99cc", "8B0050-ff3bac"]
)
def test_no_style_sheet_has_colours_that_no_look_can_have(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/look/{name}.css").status_code == 404


def test_a_logo_is_served_for_ever_and_named_where_it_stands_alone(app: Flask, parts: Parts) -> None:
    look, client = add_logo(parts), app.test_client()
    assert look.logo
    page = client.get("/").text
    assert f'<img class="logo plate" src="/look/{look.logo.key}" width="168" height="56" alt="">' in page
    answer = client.get(f"/look/{look.logo.key}")
    assert (answer.mimetype, answer.status_code) == ("image/png", 200)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    save(parts, masthead=Masthead.LOGO)
    assert 'height="56" alt="Dateline">' in client.get("/").text
    save(parts, masthead=Masthead.NAME)
    assert "<img" not in client.get("/").text.partition("</header>")[0]


@pytest.mark.parametrize("key", ["none.png", "é", "..%2Fsecret_key", "x" * 500])
def test_there_is_no_other_file_beside_the_logos(app: Flask, key: str) -> None:
    assert app.test_client().get(f"/look/{key}").status_code == 404


def test_the_welcome_after_confirming_is_in_the_language_of_the_page(
    app: Flask, parts: Parts, world: World
) -> None:
    save(parts, words={ALL_LANGUAGES: Words(welcome="Hello"), "de": Words(welcome="**Guten** Tag")})
    letter = world.confirmation_letter(world.subscriber(ANN, state="pending", confirmed_at=None))
    link, page = link_path(app, "confirm", letter), new_browser(app)
    assert "<strong>Guten</strong> Tag" in page.post(f"{link}?lang=de", form_page=link).text
