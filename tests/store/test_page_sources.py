"""A news page, a section page and an index of sitemaps as sources, from the network to tagged articles."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from digest.articles.ingest import page_texts, source_poll
from digest.articles.ingest.source_poll import Reader
from digest.articles.models import Article
from digest.database import Database
from digest.regions import gazetteer
from digest.sources import source_list
from digest.sources.http.fetch import Fetcher
from digest.sources.store import sources as store
from tests.conftest import StoppedClock

PROSE = "<p>The works in {place} begin in spring, the ministry said, and will take two years. Builders are sought.</p>"
NEWS = ("Bridge to open late", "Ferry timetable changes again", "Walnuts planted by the thousand")


@dataclass
class Site:
    """A site's pages by path, and what was asked of it."""

    pages: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            body = found.pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def reader(site: Site, clock: StoppedClock) -> Reader:
    # Each look at the clock is a few seconds later, so that pauses between requests pass without waiting.
    def now() -> datetime:
        clock.forward(seconds=3)
        return clock()

    fetcher = Fetcher(allow=frozenset((site.url.removeprefix("http://"),)), user_agent="Dateline/test")
    return Reader(fetcher, gazetteer.tagger(), timedelta(minutes=30), now)


def section(clock: StoppedClock) -> str:
    """A section page that lists three headlines of today, which name no country."""
    day = f"{clock():%d.%m.%Y}"
    items = "".join(
        f"<li><a href='/n/{number}'>{title}</a> <span class=d>{day}</span></li>"
        for number, title in enumerate(NEWS)
    )
    return (
        f"<html lang=en><head><title>Works</title></head><body><h1>Works</h1><ul>{items}</ul></body></html>"
    )


def article(title: str, place: str) -> str:
    head = f"<html lang=en><head><title>{title}</title></head>"
    return f"{head}<body><h1>{title}</h1>{PROSE.format(place=place) * 3}</body></html>"


def articles(db: Database) -> list[Article]:
    with db.read() as tx:
        query = select(Article).options(selectinload(Article.tags), selectinload(Article.story))
        return list(tx.scalars(query.order_by(Article.title)))


def add_page(db: Database, reader: Reader, url: str) -> int:
    found = source_list.find(reader, url, kind="page")
    assert isinstance(found, source_list.Feed)
    return source_list.add(db, found, reader.clock())


def visit(db: Database, reader: Reader) -> int:
    return page_texts.visit_due(db, reader, at_once=2, until=reader.clock() + timedelta(hours=1))


@pytest.fixture
def served(site: Site, clock: StoppedClock) -> Site:
    site.pages = {"/works": section(clock)} | {
        f"/n/{number}": article(title, place)
        for number, (title, place) in enumerate(zip(NEWS, ("Kazakhstan", "Georgia", "Armenia"), strict=True))
    }
    return site


def test_what_a_page_lists_becomes_articles_and_their_pages_tell_what_they_are_about(
    db: Database, reader: Reader, served: Site
) -> None:
    source_id = add_page(db, reader, served.url + "/works")
    polled = source_poll.poll(db, reader, source_id, forced=True)
    assert polled
    assert (polled.new, polled.error) == (3, "")
    assert [(a.title, a.text, [t.country for t in a.tags]) for a in articles(db)] == [
        (title, "", []) for title in NEWS
    ]
    assert visit(db, reader) == 3
    assert [[t.country for t in a.tags] for a in articles(db)] == [["KZ"], ["GE"], ["AM"]]
    assert all(a.excerpt.startswith("The works in") and len(a.excerpt) <= 280 for a in articles(db))
    assert visit(db, reader) == 0  # each page is read once


def test_a_story_that_its_page_gave_a_country_is_news_from_then_on(
    db: Database, reader: Reader, served: Site
) -> None:
    source_poll.poll(db, reader, add_page(db, reader, served.url + "/works"), forced=True)
    before = reader.clock()
    visit(db, reader)
    for one in articles(db):
        assert one.tags
        assert all(tag.since is not None and tag.since > before for tag in one.tags)


def test_a_second_poll_keeps_the_text_that_was_read(db: Database, reader: Reader, served: Site) -> None:
    source_id = add_page(db, reader, served.url + "/works")
    source_poll.poll(db, reader, source_id, forced=True)
    visit(db, reader)
    served.pages["/works"] = served.pages["/works"].replace("</ul>", "</ul><p>More</p>")
    polled = source_poll.poll(db, reader, source_id, forced=True)
    assert polled
    assert (polled.new, polled.updated) == (0, 0)
    assert all(one.text for one in articles(db))


def test_pages_that_robots_txt_closes_are_not_asked_for(db: Database, reader: Reader, served: Site) -> None:
    served.pages["/robots.txt"] = "User-agent: *\nDisallow: /n/\nAllow: /n/1$\n"
    source_poll.poll(db, reader, add_page(db, reader, served.url + "/works"), forced=True)
    assert visit(db, reader) == 1
    assert [path for path in served.asked if path.startswith("/n/")] == ["/n/1"]
    assert served.asked.count("/robots.txt") == 1


def test_a_page_source_that_robots_txt_closes_says_so(db: Database, reader: Reader, served: Site) -> None:
    source_id = add_page(db, reader, served.url + "/works")
    served.pages["/robots.txt"] = "User-agent: dateline\nDisallow: /\n"
    reader.robots.__init__()  # type: ignore[misc]  # a day later
    polled = source_poll.poll(db, reader, source_id, forced=True)
    assert polled
    assert "robots.txt" in polled.error


def test_a_feed_is_read_whatever_robots_txt_says(db: Database, reader: Reader, site: Site) -> None:
    site.pages = {
        "/robots.txt": "User-agent: *\nDisallow: /",
        "/feed": "<rss version='2.0'><channel><title>T</title><item><title>Bridge opens</title><link>/1</link></item>"
        "</channel></rss>",
    }
    found = source_list.find(reader, site.url + "/feed")
    assert isinstance(found, source_list.Feed)
    polled = source_poll.poll(db, reader, source_list.add(db, found, reader.clock()), forced=True)
    assert polled
    assert polled.new == 1
    assert site.asked == ["/feed", "/feed"]


def test_a_feed_that_answers_with_a_page_is_an_error_and_no_news(
    db: Database, reader: Reader, served: Site
) -> None:
    with db.begin() as tx:
        source_id = store.add(tx, served.url + "/works", "", reader.clock()).id
    polled = source_poll.poll(db, reader, source_id, forced=True)
    assert polled
    assert "web page" in polled.error
    assert articles(db) == []


def test_the_page_that_cannot_be_read_is_tried_twice_and_no_more(
    db: Database, reader: Reader, served: Site, clock: StoppedClock
) -> None:
    del served.pages["/n/1"]
    source_poll.poll(db, reader, add_page(db, reader, served.url + "/works"), forced=True)
    for _ in range(4):
        visit(db, reader)
        clock.forward(hours=1)
    assert served.asked.count("/n/1") == 2


def test_an_index_of_sitemaps_brings_what_its_newest_sitemaps_list(
    db: Database, reader: Reader, served: Site, clock: StoppedClock
) -> None:
    def listed(number: int, title: str) -> str:
        return (
            f"<url><loc>{served.url}/n/{number}</loc><n:news><n:title>{title}</n:title>"
            f"<n:publication_date>{clock().isoformat()}</n:publication_date></n:news></url>"
        )

    head = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
    children = "".join(
        f"<sitemap><loc>{served.url}/map-{number}.xml</loc><lastmod>2026-0{number}-01</lastmod></sitemap>"
        for number in range(1, 7)
    )
    served.pages |= {"/index.xml": f"<sitemapindex>{children}</sitemapindex>"} | {
        f"/map-{number}.xml": f"{head}{listed(number % 3, NEWS[number % 3])}</urlset>"
        for number in range(1, 7)
    }
    found = source_list.find(reader, served.url + "/index.xml")
    assert isinstance(found, source_list.Feed)
    polled = source_poll.poll(db, reader, source_list.add(db, found, reader.clock()), forced=True)
    assert polled
    assert (polled.new, polled.error) == (3, "")
    assert [path for path in served.asked if path.startswith("/map-")] == [
        "/map-6.xml",
        "/map-5.xml",
        "/map-4.xml",
    ]
    assert visit(db, reader) == 3
    assert [[t.country for t in a.tags] for a in articles(db)] == [["KZ"], ["GE"], ["AM"]]
