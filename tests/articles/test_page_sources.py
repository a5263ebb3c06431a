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
from digest.articles.ingest.source_poll import IngestContext
from digest.articles.models import Article
from digest.database import Database
from digest.regions import gazetteer
from digest.regions.pure.exclusions import Exclusion
from digest.regions.store import exclusions
from digest.sources import source_list
from digest.sources.http.fetch import Fetcher
from digest.sources.store import sources as store
from tests.conftest import StoppedClock

PROSE = "<p>The works in {place} begin in spring, the ministry said, and will take two years. Builders are sought.</p>"
NEWS = ("Bridge to open late", "Ferry timetable changes again", "Walnuts planted by the thousand")


@dataclass
class Site:
    """A site with its pages by path, and the paths that were requested."""

    pages: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append(self.path)
            body = site.pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def context(site: Site, clock: StoppedClock) -> IngestContext:
    # The clock advances at each call, so that pauses between requests pass without waiting.
    def now() -> datetime:
        clock.advance(seconds=3)
        return clock()

    fetcher = Fetcher(
        allowed_private_hosts=frozenset((site.url.removeprefix("http://"),)), user_agent="Dateline/test"
    )
    return IngestContext(fetcher, gazetteer.tagger(), timedelta(minutes=30), now)


def section_page(clock: StoppedClock) -> str:
    """A section page that lists three headlines of today, which name no country."""
    day = f"{clock():%d.%m.%Y}"
    items = "".join(
        f"<li><a href='/n/{number}'>{title}</a> <span class=d>{day}</span></li>"
        for number, title in enumerate(NEWS)
    )
    return (
        f"<html lang=en><head><title>Works</title></head><body><h1>Works</h1><ul>{items}</ul></body></html>"
    )


def article_page(title: str, place: str) -> str:
    head = f"<html lang=en><head><title>{title}</title></head>"
    return f"{head}<body><h1>{title}</h1>{PROSE.format(place=place) * 3}</body></html>"


def articles(db: Database) -> list[Article]:
    with db.read() as tx:
        query = select(Article).options(selectinload(Article.tags), selectinload(Article.story))
        return list(tx.scalars(query.order_by(Article.title)))


def add_page(db: Database, context: IngestContext, url: str) -> int:
    source = source_list.discover_source(context, url, kind="page")
    assert isinstance(source, source_list.FetchedSource)
    return source_list.add(db, source, context.clock())


def fetch_pages(db: Database, context: IngestContext) -> int:
    return page_texts.fetch_due_pages(db, context, concurrency=2, until=context.clock() + timedelta(hours=1))


@pytest.fixture
def news_site(site: Site, clock: StoppedClock) -> Site:
    site.pages = {"/works": section_page(clock)} | {
        f"/n/{number}": article_page(title, place)
        for number, (title, place) in enumerate(zip(NEWS, ("Kazakhstan", "Georgia", "Armenia"), strict=True))
    }
    return site


def test_the_entries_of_a_page_become_articles_that_are_tagged_by_their_own_pages(
    db: Database, context: IngestContext, news_site: Site
) -> None:
    source_id = add_page(db, context, news_site.url + "/works")
    report = source_poll.poll_source(db, context, source_id, forced=True)
    assert report
    assert (report.new, report.error) == (3, "")
    assert [(a.title, a.text, [t.country for t in a.tags]) for a in articles(db)] == [
        (title, "", []) for title in NEWS
    ]
    with db.begin() as tx:  # for this source
        exclusions.add(
            tx, Exclusion(0, "in Georgia", "GE", source_id), by="editor@example.org", now=context.clock()
        )
    assert fetch_pages(db, context) == 3
    assert [[t.country for t in a.tags] for a in articles(db)] == [["KZ"], [], ["AM"]]
    assert all(a.excerpt.startswith("The works in") and len(a.excerpt) <= 280 for a in articles(db))
    assert fetch_pages(db, context) == 0  # each page is read once


def test_a_story_that_its_page_gave_a_country_is_news_from_then_on(
    db: Database, context: IngestContext, news_site: Site
) -> None:
    source_poll.poll_source(db, context, add_page(db, context, news_site.url + "/works"), forced=True)
    before = context.clock()
    fetch_pages(db, context)
    for article in articles(db):
        assert article.tags
        assert all(tag.since is not None and tag.since > before for tag in article.tags)


def test_a_second_poll_keeps_the_text_that_was_read(
    db: Database, context: IngestContext, news_site: Site
) -> None:
    source_id = add_page(db, context, news_site.url + "/works")
    source_poll.poll_source(db, context, source_id, forced=True)
    fetch_pages(db, context)
    news_site.pages["/works"] = news_site.pages["/works"].replace("</ul>", "</ul><p>More</p>")
    report = source_poll.poll_source(db, context, source_id, forced=True)
    assert report
    assert (report.new, report.updated) == (0, 0)
    assert all(article.text for article in articles(db))


def test_pages_that_robots_txt_forbids_are_not_fetched(
    db: Database, context: IngestContext, news_site: Site
) -> None:
    news_site.pages["/robots.txt"] = "User-agent: *\nDisallow: /n/\nAllow: /n/1$\n"
    source_poll.poll_source(db, context, add_page(db, context, news_site.url + "/works"), forced=True)
    assert fetch_pages(db, context) == 1
    assert [path for path in news_site.requests if path.startswith("/n/")] == ["/n/1"]
    assert news_site.requests.count("/robots.txt") == 1


def test_a_page_source_that_robots_txt_forbids_says_so(
    db: Database, context: IngestContext, news_site: Site
) -> None:
    source_id = add_page(db, context, news_site.url + "/works")
    news_site.pages["/robots.txt"] = "User-agent: dateline\nDisallow: /\n"
    context.robots.__init__()  # type: ignore[misc]  # a day later
    report = source_poll.poll_source(db, context, source_id, forced=True)
    assert report
    assert "robots.txt" in report.error


def test_a_feed_is_read_whatever_robots_txt_says(db: Database, context: IngestContext, site: Site) -> None:
    site.pages = {
        "/robots.txt": "User-agent: *\nDisallow: /",
        "/feed": "<rss version='2.0'><channel><title>T</title><item><title>Bridge opens</title><link>/1</link></item>"
        "</channel></rss>",
    }
    source = source_list.discover_source(context, site.url + "/feed")
    assert isinstance(source, source_list.FetchedSource)
    report = source_poll.poll_source(db, context, source_list.add(db, source, context.clock()), forced=True)
    assert report
    assert report.new == 1
    assert site.requests == ["/feed", "/feed"]


def test_a_feed_that_answers_with_a_page_is_an_error_and_no_news(
    db: Database, context: IngestContext, news_site: Site
) -> None:
    with db.begin() as tx:
        source_id = store.add(tx, news_site.url + "/works", "", context.clock()).id
    report = source_poll.poll_source(db, context, source_id, forced=True)
    assert report
    assert "web page" in report.error
    assert articles(db) == []


def test_a_page_that_cannot_be_read_is_tried_twice_and_no_more(
    db: Database, context: IngestContext, news_site: Site, clock: StoppedClock
) -> None:
    del news_site.pages["/n/1"]
    source_poll.poll_source(db, context, add_page(db, context, news_site.url + "/works"), forced=True)
    for _ in range(4):
        fetch_pages(db, context)
        clock.advance(hours=1)
    assert news_site.requests.count("/n/1") == 2


def test_an_index_of_sitemaps_brings_what_its_newest_sitemaps_list(
    db: Database, context: IngestContext, news_site: Site, clock: StoppedClock
) -> None:
    def url_element(number: int, title: str) -> str:
        return (
            f"<url><loc>{news_site.url}/n/{number}</loc><n:news><n:title>{title}</n:title>"
            f"<n:publication_date>{clock().isoformat()}</n:publication_date></n:news></url>"
        )

    head = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
    children = "".join(
        f"<sitemap><loc>{news_site.url}/map-{number}.xml</loc><lastmod>2026-0{number}-01</lastmod></sitemap>"
        for number in range(1, 7)
    )
    news_site.pages |= {"/index.xml": f"<sitemapindex>{children}</sitemapindex>"} | {
        f"/map-{number}.xml": f"{head}{url_element(number % 3, NEWS[number % 3])}</urlset>"
        for number in range(1, 7)
    }
    source = source_list.discover_source(context, news_site.url + "/index.xml")
    assert isinstance(source, source_list.FetchedSource)
    report = source_poll.poll_source(db, context, source_list.add(db, source, context.clock()), forced=True)
    assert report
    assert (report.new, report.error) == (3, "")
    assert [path for path in news_site.requests if path.startswith("/map-")] == [
        "/map-6.xml",
        "/map-5.xml",
        "/map-4.xml",
    ]
    assert fetch_pages(db, context) == 3
    assert [[t.country for t in a.tags] for a in articles(db)] == [["KZ"], ["GE"], ["AM"]]


def test_articles_that_share_a_page_do_not_get_its_whole_text(
    db: Database, context: IngestContext, news_site: Site, clock: StoppedClock
) -> None:
    anchors = "".join(
        f"<li><a href='/live#{name}'>{title}</a> <span class=d>{clock():%d.%m.%Y}</span></li>"
        for name, title in (("n1", "Harbour closed for a day"), ("n2", "Storm moves to the steppe"))
    )
    news_site.pages["/works"] = section_page(clock).replace("<ul>", f"<ul>{anchors}")
    news_site.pages["/live"] = article_page("Live", "Kazakhstan")
    source_poll.poll_source(db, context, add_page(db, context, f"{news_site.url}/works"))
    assert fetch_pages(db, context) == len(NEWS)
    assert "/live" not in news_site.requests
    texts = {article.url.rpartition("/")[2]: article.text for article in articles(db)}
    assert texts["live#n1"] == texts["live#n2"] == ""
    assert all(texts[name] for name in ("0", "1", "2"))


@pytest.mark.parametrize(("chosen", "home"), [("", "AU"), ("KZ", "KZ")])
def test_a_first_document_names_the_country_and_the_publisher(
    db: Database, context: IngestContext, site: Site, chosen: str, home: str
) -> None:
    site.pages["/feed"] = (
        '<rss version="2.0"><channel><title>World</title><language>en-AU</language><link>https://www.quay.example/</link>'
        "<item><title>Ferry runs again</title><link>https://www.quay.example/1</link></item></channel></rss>"
    )
    with db.begin() as tx:
        source = store.add(tx, f"{site.url}/feed", "", context.clock())
        source.home = chosen
        source_id = source.id
    source_poll.poll_source(db, context, source_id)
    with db.read() as tx:
        assert (store.by_id(tx, source_id).title, store.by_id(tx, source_id).home) == ("quay.example", home)


def test_a_country_that_an_editor_took_away_stays_away(
    db: Database, context: IngestContext, site: Site
) -> None:
    feed = '<rss version="2.0"><channel><title>Quay</title><language>en-AU</language>{}</channel></rss>'
    site.pages["/feed"] = feed.format("<item><title>Ferry</title><link>https://quay.example/1</link></item>")
    with db.begin() as tx:
        source_id = store.add(tx, f"{site.url}/feed", "", context.clock()).id
    source_poll.poll_source(db, context, source_id)
    with db.begin() as tx:
        store.by_id(tx, source_id).home = ""
    site.pages["/feed"] = feed.format("<item><title>Tea</title><link>https://quay.example/2</link></item>")
    source_poll.poll_source(db, context, source_id, forced=True)
    with db.read() as tx:
        assert store.by_id(tx, source_id).home == ""
