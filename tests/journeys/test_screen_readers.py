"""What a screen reader says: the accessibility trees of the form, a mail and a web edition.

They are written down in `accessibility_trees`, to be read and reviewed like a text. After a wanted change,
`RECORD_TREES=1 make test T=tests/journeys/test_screen_readers.py` writes them again, and the difference is reviewed.
"""

import os
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from digest.deliveries.planning.edition_planner import plan_due
from digest.editions.models import Digest
from tests.builders import World
from tests.editions.sample_digest import body_part, build_message, make_story, render_stories

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.articles.pure.shown_story import ShownStory
    from digest.parts import Parts
    from tests.conftest import StoppedClock

pytestmark = pytest.mark.browser
RECORDED = Path(__file__).with_name("accessibility_trees")
ADDRESS = "http://news.example"
SHOWN_OPTIONS = 5  # of a list of choices; that of time zones has 400
NAMED_ROLES = ("link", "button", "checkbox", "radio", "textbox", "searchbox", "combobox", "iframe", "img")
OFFSET = re.compile(r" \(UTC[^)]*\)")  # changes with summer time
DATE = re.compile(r"paragraph: .* · UTC")  # the masthead's


@pytest.fixture
def page(browser: Browser, app: Flask) -> "Iterator[Page]":
    """A phone whose requests the application answers, without a server."""
    client = app.test_client()
    context = browser.new_context(viewport={"width": 360, "height": 800}, base_url=ADDRESS)

    def answer(route: Route) -> None:
        url = urlsplit(route.request.url)
        reply = client.get(f"{url.path}?{url.query}", headers={"Accept-Encoding": "identity"})
        route.fulfill(status=reply.status_code, headers=dict(reply.headers), body=reply.data)

    opened = context.new_page()
    opened.route("**/*", answer)
    yield opened
    context.close()


def read_tree(page: Page) -> str:
    """The accessibility tree, without addresses, dates, offsets of zones, and most options of long lists."""
    lines, options = [], 0
    for line in page.locator("body").aria_snapshot().splitlines():
        options = options + 1 if re.match(r" *- '?option ", line) else 0
        if "- /url: " not in line and options <= SHOWN_OPTIONS:
            lines.append(DATE.sub("paragraph: (date) · UTC", OFFSET.sub("", line)))
    return "\n".join(lines) + "\n"


def check_tree(page: Page, name: str) -> None:
    """Each control has a name that no other in its group has, headings skip no level, and nothing else has changed."""
    tree, file = read_tree(page), RECORDED / f"{name}.yaml"
    levels = [int(level) for level in re.findall(r"\[level=(\d)\]", tree)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert re.findall(rf"^ *- (?:{'|'.join(NAMED_ROLES)})(?: \[[a-z]+\])*:?$", tree, re.MULTILINE) == []
    fields = re.findall(r"- '?(?:textbox|searchbox|combobox|button) \"([^\"]+)\"", tree)
    assert [field for field, times in Counter(fields).items() if times > 1] == []
    if os.environ.get("RECORD_TREES"):
        RECORDED.mkdir(exist_ok=True)
        file.write_text(tree, encoding="utf-8")
    assert tree == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_form(page: Page, language: str) -> None:
    page.goto(f"/?lang={language}")
    check_tree(page, f"form_{language}")


def test_form_with_a_choice(page: Page) -> None:
    page.goto("/")
    for region in ("Central Asia", "Iran"):
        page.get_by_role("checkbox", name=region, exact=True).first.check()
    page.get_by_text("Languages you read").click()
    page.get_by_text("What is in Oceania").locator("..").click()
    expect(page.get_by_text("About 0 stories a day")).to_be_visible()
    check_tree(page, "form_chosen_en")


def stories() -> "Sequence[ShownStory]":
    return [
        make_story("Ferry returns to the lake", source="Lakeside", countries=("KZ",), also=1),
        make_story("Новый мост через реку открыт", source="Мост", language="ru", countries=("UZ",)),
        *(make_story(f"Road {number} has new trees", countries=("KG",)) for number in range(1, 5)),
        *(make_story(f"Vineyard {number} is picked", countries=("GE",)) for number in range(1, 7)),
    ]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_mail(page: Page, language: str) -> None:
    message = build_message(render_stories(stories(), language, note="Thanks for **reading**."), language)
    page.set_content(body_part(message, "html"))
    check_tree(page, f"mail_{language}")


def test_web_edition(page: Page, parts: "Parts", clock: "StoppedClock") -> None:
    world = World(parts.db, parts.tree, clock)
    world.subscriber(regions=("kz", "ge"))
    for title, country in (("Ferry returns to the lake", "KZ"), ("Vineyards have picked their grapes", "GE")):
        world.article(title, [country])
    assert plan_due(parts.db, parts.planner(), clock()).deliveries == 1
    with parts.db.read() as tx:
        page.goto(f"/read/{tx.scalars(select(Digest.public_id)).one()}")
    check_tree(page, "web_edition_en")
