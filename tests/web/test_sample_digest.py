"""What a choice gets today, before anybody gives an address: how many stories, and the digest itself."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from digest.articles.store import articles, region_news
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.subscribers import SUBSCRIPTION_FORM, all_subscriber_rows, get_parts


@pytest.fixture
def client(app: Flask, world: World) -> FlaskClient:
    """A visitor of a site with three stories about Kazakhstan, one about Georgia and one of the day before."""
    for title in ("River & <market>", "The second of the steppe", "The third of the steppe"):
        world.article(title, ["KZ"], age=5)
    world.article("News of the mountains", ["GE"], age=5)
    world.article("News of the day before", ["KZ"], age=40)
    return app.test_client()


def count(client: FlaskClient, query: str) -> str:
    text: str = json.loads(client.get(f"/digest-today/count?{query}").text)["text"]
    return text


def test_the_count_is_that_of_the_last_day(client: FlaskClient) -> None:
    assert count(client, "regions=central-asia") == "About 3 stories a day"
    assert count(client, "regions=ge") == "About 1 story a day"
    assert count(client, "regions=ge&regions=kz") == "About 4 stories a day"
    assert count(client, "regions=fr") == "About 0 stories a day"
    assert count(client, "regions=kz&lang=fa") == "حدود ۳ خبر در روز"
    assert count(client, "regions=kz&lang=ru") == "Примерно 3 сюжета в день"


@pytest.mark.parametrize("query", ["", "regions=", "regions=atlantis", "regions=%00", "kinds=sport"])
def test_without_a_region_that_there_is_nothing_is_counted(client: FlaskClient, query: str) -> None:
    assert count(client, query) == ""


def test_the_form_says_the_count_without_scripts_too(client: FlaskClient) -> None:
    assert "About 3 stories a day" in client.get("/?regions=kz").text
    answer = client.post("/", data={"regions": ["ge"], "find": "1"})
    assert "About 1 story a day" in answer.text


def test_the_digest_of_a_choice_is_shown_and_nothing_is_stored(app: Flask, client: FlaskClient) -> None:
    before = all_subscriber_rows(app)
    answer = client.post(
        "/digest-today", data=SUBSCRIPTION_FORM | {"email": "ann@example.com", "language": "de"}
    )
    assert answer.status_code == 200
    assert "River &amp; &lt;market&gt;" in answer.text
    assert "News of the mountains" in answer.text
    assert "day before" not in answer.text
    assert '<html lang="de"' in answer.text
    assert "ann@example.com" not in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert all_subscriber_rows(app) == before


def test_a_choice_without_news_or_regions_says_so(client: FlaskClient) -> None:
    assert "Nothing was published" in client.post("/digest-today", data={"regions": ["fr"]}).text
    assert "Choose at least one region" in client.post("/digest-today", data={}).text


def test_hidden_stories_vanish_at_once_and_new_ones_come_after_five_minutes(
    app: Flask, client: FlaskClient, world: World, clock: StoppedClock
) -> None:
    assert "mountains" in client.post("/digest-today", data={"regions": ["ge"]}).text
    with get_parts(app).db.begin() as tx:
        (story,) = region_news.newest_about(tx, {"GE"}, since=world.clock().replace(year=2000), limit=9)
        articles.set_hidden(tx, story, hidden=True, now=world.clock())
    assert "mountains" not in client.post("/digest-today", data={"regions": ["ge"]}).text
    world.article("Later news of the mountains", ["GE"], age=0)
    clock.advance(minutes=5)
    assert "Later news" in client.post("/digest-today", data={"regions": ["ge"]}).text
