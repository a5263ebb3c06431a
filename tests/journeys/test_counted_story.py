"""A reader opens a story from the web edition, and an editor sees on the desk that it was opened, and not by whom."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import select, update

from digest.articles.models import Article
from digest.deliveries.planning.edition_planner import plan_due
from digest.editions.models import Digest
from digest.opens.pure.counted_links import PATH
from digest.parts import EXTENSION_KEY
from digest.settings import Settings
from digest.upkeep_tasks import fold_visits
from digest.web import opened_story
from tests.broker_fixtures import running_broker
from tests.builders import World
from tests.journeys.live_newsroom import on_free_port, serve, signed_in

AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"  # a headless one is a machine
)
pytestmark = [pytest.mark.release, pytest.mark.browser, pytest.mark.xdist_group("journey")]


@pytest.fixture
def settings(settings: Settings) -> Iterator[Settings]:
    with running_broker() as url:
        yield replace(on_free_port(settings), count_opens=True, redis_url=url)


@dataclass
class Publisher:
    """The site of a publisher, which records the headers of requests for its only page."""

    url: str
    asked: list[Message]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    asked: list[Message] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_story = self.path == "/story"  # browsers ask for an icon too
            if is_story:
                asked.append(self.headers)
            self.send_response(200 if is_story else 404)
            self.end_headers()
            self.wfile.write(b"The whole story")

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Publisher(f"http://127.0.0.1:{server.server_port}/story", asked)
        server.shutdown()
        thread.join()


def test_a_story_that_a_reader_opens_is_counted(
    app: Flask, settings: Settings, world: World, browser: Browser, publisher: Publisher
) -> None:
    parts, clock = app.extensions[EXTENSION_KEY], world.clock
    world.subscriber()
    world.article(title="Night train returns to the lakes")
    with parts.db.begin() as tx:
        tx.execute(update(Article).values(url=publisher.url))
    plan_due(parts.db, parts.planner(), clock())
    with parts.db.read() as tx:
        public_id = tx.scalars(select(Digest.public_id)).one()
    with serve(app, settings):
        context = browser.new_context(base_url=settings.base_url, locale="en", user_agent=AGENT)
        page = context.new_page()
        page.goto(f"/read/{public_id}")
        link = page.get_by_role("link", name="Night train returns to the lakes").first
        assert PATH in (link.get_attribute("href") or "")
        expect(
            page.get_by_text("We count how often each story is opened, but not who opens it.")
        ).to_be_visible()
        link.press("Enter")
        expect(page.get_by_text("The whole story")).to_be_visible()
        assert [headers.get("Referer") for headers in publisher.asked] == [None]
        assert context.cookies() == []

        app.extensions[opened_story.EXTENSION].recorder.flush()
        clock.advance(minutes=1)  # type: ignore[attr-defined]
        fold_visits(parts, app.extensions["celery"])
        with signed_in(browser, app, settings) as desk:
            desk.goto("/admin/today")
            expect(desk.get_by_text("opened by 1 visitor")).to_be_visible()
            desk.goto("/admin/opens")
            expect(desk.get_by_role("row", name="Night train returns to the lakes")).to_contain_text("1")
            assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
