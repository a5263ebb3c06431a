"""The feeds of regions: valid, cacheable, and without hidden stories."""

import json

from flask import Flask
from lxml import etree

from digest.articles.store import articles, region_news
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.subscribers import get_parts, new_browser

ATOM = "{http://www.w3.org/2005/Atom}"


def atom(app: Flask, path: str = "/regions/central-asia/feed.atom") -> etree._Element:
    answer = app.test_client().get(path)
    assert answer.mimetype == "application/atom+xml"
    return etree.fromstring(answer.data)


def titles(feed: etree._Element) -> list[str | None]:
    return [entry.findtext(ATOM + "title") for entry in feed.findall(ATOM + "entry")]


def test_a_feed_has_the_newest_stories_of_its_region_first(app: Flask, world: World) -> None:
    world.article("Older news of the steppe", ["KZ"], age=5)
    world.article("Newer news of the steppe", ["UZ", "FR"], age=2)
    world.article("News from elsewhere", ["FR"])
    assert titles(atom(app)) == ["Newer news of the steppe", "Older news of the steppe"]
    assert titles(atom(app, "/regions/world/feed.atom"))[0] == "News from elsewhere"


def test_hidden_stories_are_out(app: Flask, world: World) -> None:
    world.article("This was a mistake after all")
    p = get_parts(app)
    with p.db.begin() as tx:
        (story,) = region_news.newest_about(tx, {"KZ"}, since=world.clock().replace(year=2000), limit=9)
        articles.set_hidden(tx, story, hidden=True, now=world.clock())
    assert titles(atom(app)) == []


def test_atom_has_what_rfc_4287_asks_for(app: Flask, world: World) -> None:
    world.article('<b>A & "B"</b>\x0b in Almaty today', ["KZ"], source="The Steppe Post")
    feed = atom(app)
    for name in ("id", "title", "updated", "author"):
        assert feed.find(ATOM + name) is not None
    assert feed.find(f"{ATOM}link[@rel='self']").get("href").startswith("https://news.example.org/regions/")  # type: ignore[union-attr]
    entry = feed.find(ATOM + "entry")
    assert entry is not None
    for name in ("id", "title", "updated"):
        assert entry.findtext(ATOM + name)
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "The Steppe Post"
    assert entry.findtext(ATOM + "title") == '<b>A & "B"</b> in Almaty today'


def test_a_json_feed_says_the_same(app: Flask, world: World) -> None:
    world.article("A story for programs to read")
    answer = app.test_client().get("/regions/central-asia/feed.json?lang=ru")
    feed = json.loads(answer.data)
    assert answer.mimetype == "application/feed+json"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"].endswith("Центральная Азия" if "Центральная" in feed["title"] else "Средняя Азия")
    (item,) = feed["items"]
    assert item["title"] == "A story for programs to read"
    assert item["tags"] == ["Казахстан"]
    assert item["content_text"]


def test_who_has_the_feed_is_told_that_nothing_is_new(app: Flask, world: World, clock: StoppedClock) -> None:
    world.article("A story that stays the same")
    client = app.test_client()
    first = client.get("/regions/kz/feed.atom")
    assert "max-age" in first.headers["Cache-Control"]
    again = client.get("/regions/kz/feed.atom", headers={"If-None-Match": first.headers["ETag"]})
    later = client.get("/regions/kz/feed.atom", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (again.status_code, later.status_code, again.data) == (304, 304, b"")
    world.article("Another story that is new", age=0.5)
    clock.advance(minutes=2)  # a page is kept for a minute
    now = client.get("/regions/kz/feed.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert now.status_code == 200


def test_a_feed_is_never_endless(app: Flask, world: World) -> None:
    world.articles(65)
    assert len(titles(atom(app))) == 60


def test_an_empty_feed_is_a_feed_and_an_unknown_region_is_none(app: Flask) -> None:
    assert titles(atom(app)) == []
    client = app.test_client()
    assert client.get("/regions/atlantis/feed.atom").status_code == 404
    assert client.get("/regions/kz/feed.rss").status_code == 404
    assert client.get("/regions/kz/feed.json?lang=xx").json["language"] == "en"  # type: ignore[index]


def test_the_form_names_the_feeds_and_so_does_a_page_of_all_regions(app: Flask) -> None:
    page = new_browser(app)
    form = page.client.get("/?regions=ge").text
    assert 'rel="alternate" type="application/atom+xml"' in form
    assert "/regions/ge/feed.atom" in form
    listing = page.client.get("/regions").text
    assert listing.count("feed.atom") > 200
    assert "/regions/south-caucasus/feed.json" in listing


def test_several_regions_make_one_feed_with_nothing_about_its_reader(app: Flask, world: World) -> None:
    world.article("News of the steppe", ["KZ"], age=3)
    world.article("News of the mountains", ["GE"], age=2)
    world.article("News from elsewhere", ["FR"])
    path = "/feed.atom?regions=kz&regions=ge&regions=kz&lang=en"
    feed = atom(app, path)
    assert titles(feed) == ["News of the mountains", "News of the steppe"]
    assert feed.findtext(ATOM + "title") == "Dateline: Kazakhstan and Georgia"
    own = feed.find(f"{ATOM}link[@rel='self']")
    assert own is not None
    assert own.get("href") == "https://news.example.org/feed.atom?regions=kz&regions=ge&lang=en"
    assert app.test_client().get("/feed.atom").location == "/regions"
    assert app.test_client().get("/feed.json?regions=atlantis").status_code == 404


def test_a_list_of_feeds_has_the_chosen_ones_or_all(app: Flask) -> None:
    def feeds(query: str) -> list[str]:
        root = etree.fromstring(app.test_client().get(f"/regions/feeds.opml{query}").data)
        return [str(outline.get("xmlUrl")) for outline in root.iter("outline")]

    base = "https://news.example.org/regions"
    assert feeds("?regions=kz&regions=ge&regions=atlantis&lang=ru") == [
        f"{base}/kz/feed.atom?lang=ru",
        f"{base}/ge/feed.atom?lang=ru",
    ]
    assert len(feeds("")) > 200


def test_the_list_of_feeds_is_searched_in_any_language(app: Flask) -> None:
    client = app.test_client()
    found = client.get("/regions?query=казах&lang=fa").text
    assert "/regions/kz/feed.atom" in found
    assert "/regions/fr/feed.atom" not in found
    nothing = client.get("/regions?query=qqqqqq")
    assert "No region found" in nothing.text
    assert "regions feeds" not in nothing.text
