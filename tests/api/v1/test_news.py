"""Sources, articles, stories and regions by the API."""

from datetime import timedelta

from flask import Flask

from digest.articles.models import Article
from digest.articles.states import ArticleState
from digest.editions.states import EditionKind
from digest.editions.store import editions
from digest.parts import Parts
from digest.sources.states import PollOutcome
from digest.sources.store import polls
from digest.sources.store.polls import Poll
from digest.subscribers.states import SubscriberState
from tests.api.v1.conftest import ApiClient, newest_entry
from tests.builders import World


def test_sources_are_listed_with_their_health_and_changed(api: ApiClient, world: World, parts: Parts) -> None:
    first, second = world.source("The Steppe Post"), world.source("The Gulf Times")
    assert [row["id"] for rows in api.pages("/sources?limit=1") for row in rows] == [first, second]
    assert [row["id"] for row in api.call("GET", "/sources?q=gulf")["data"]] == [second]
    changed = api.call("PATCH", f"/sources/{first}", {"home": "KZ", "weight": 2.5, "state": "stopped"})
    assert (changed["home"], changed["weight"], changed["state"]) == ("KZ", 2.5, "stopped")
    assert changed["title"] == "The Steppe Post"
    entry = newest_entry(parts)
    assert entry.before == {"home": "", "weight": 1.0, "state": "active"}
    assert entry.link == f"/admin/sources/{first}"
    assert api.call("PATCH", f"/sources/{first}", {"state": "active"})["state"] == "active"
    for wrong in ({"home": "kz"}, {"weight": 5}, {"excerpt_length": -1}, {"url": "https://x.example/"}):
        api.call("PATCH", f"/sources/{first}", wrong, status=422)
    api.call("POST", f"/sources/{first}/poll", status=202)


def test_sources_have_folders_by_which_they_are_listed(api: ApiClient, world: World) -> None:
    first, second = world.source("The Steppe Post"), world.source("The Gulf Times")
    path = f"/sources/{first}"
    assert api.call("PATCH", path, {"folder": " Asia / Central "})["folder"] == "Asia/Central"
    for folder, expected in (("Asia", [first]), ("Asia/Central", [first]), ("/", [second]), ("Asi", [])):
        listed = api.call("GET", f"/sources?folder={folder}&fields=id")["data"]
        assert [row["id"] for row in listed] == expected
    assert api.call("PATCH", path, {"weight": 2})["folder"] == "Asia/Central"
    assert "too long" in api.call("PATCH", path, {"folder": "x" * 61}, status=422)["detail"]
    assert api.call("PATCH", path, {"folder": ""})["folder"] == ""
    problem = api.call("POST", "/sources", {"url": "https://a.example/", "folder": "a/b/c/d/e/f"}, status=422)
    assert "5 deep" in problem["detail"]


def test_deleting_a_source_needs_what_was_read(api: ApiClient, world: World) -> None:
    path = f"/sources/{world.source()}"
    etag = api.send("GET", path).headers["ETag"]
    api.call("PATCH", path, {"weight": 2})
    api.call("DELETE", path, status=412, If_Match=etag)
    api.call("DELETE", path, status=204, If_Match=api.send("GET", path).headers["ETag"])
    assert "There is no source" in api.call("GET", path, status=404)["detail"]


def test_the_polls_of_a_source_are_listed_the_newest_first(
    api: ApiClient, world: World, parts: Parts
) -> None:
    source = world.source()
    answers = (Poll(PollOutcome.READ, 200, new=3, size=900), Poll(PollOutcome.FAILED, error="no host"))
    for poll in answers:
        with parts.db.begin() as tx:
            polls.add(tx, source, poll, world.clock())
    (failed,), (read,) = api.pages(f"/sources/{source}/polls?limit=1")
    assert (failed["outcome"], failed["status"], failed["error"], failed["size"]) == (
        "failed",
        None,
        "no host",
        None,
    )
    assert (read["outcome"], read["status"], read["new"], read["size"]) == ("read", 200, 3, 900)
    api.call("GET", "/sources/99/polls", status=404)


def test_an_address_that_is_no_source_is_refused_in_words(api: ApiClient) -> None:
    problem = api.call("POST", "/sources", {"url": "http://127.0.0.1/feed.xml"}, status=422)
    assert "can't be read" in problem["detail"]


def test_held_articles_are_released_and_dropped(api: ApiClient, world: World, parts: Parts) -> None:
    world.article()
    with parts.db.begin() as tx:
        row = tx.get_one(Article, 1)
        row.state, row.story_id = ArticleState.FLOOD, None
    assert api.call("GET", "/articles?state=flood")["data"][0]["state"] == "flood"
    source = world.source()
    assert api.call("POST", f"/sources/{source}/held/drop") == {"count": 1}
    assert api.call("POST", f"/sources/{source}/held/back") == {"count": 1}
    assert api.call("POST", f"/sources/{source}/held/release") == {"count": 1}
    assert api.call("GET", "/articles/1")["state"] == "released"
    api.call("POST", f"/sources/{source}/held/keep", status=404)


def test_an_article_is_corrected_and_the_correction_taken_back(
    api: ApiClient, world: World, parts: Parts
) -> None:
    world.article("Kazakhstan opens a port on the Caspian Sea", ["KZ"])
    shown = api.call("PUT", "/articles/1/tags", {"countries": ["AZ", "KZ"], "groups": ["central-asia"]})
    assert {tag["country"] for tag in shown["tags"]} == {"AZ", "KZ"}
    assert (shown["retagged"], [tag["region"] for tag in shown["groups"]]) == (True, ["central-asia"])
    assert newest_entry(parts).before == {"about": ["KZ"]}
    assert api.call("DELETE", "/articles/1/tags")["retagged"] is False
    assert api.call("PUT", "/articles/1/kind", {"kind": "opinion"})["kind"] == "opinion"
    assert api.call("DELETE", "/articles/1/kind")["kind_chosen"] is False
    api.call("PUT", "/articles/1/tags", {"countries": ["XX"]}, status=422)
    api.call("PUT", "/articles/1/tags", {"countries": ["kz"]}, status=422)


def test_articles_are_filtered(api: ApiClient, world: World) -> None:
    world.article("Kazakhstan opens a port", ["KZ"])
    world.article("Georgia votes", ["GE"], source="The Gulf Times")
    queries = {
        "country=ge": [2],
        "q=PORT": [1],
        "source=2": [2],
        "kind=sport": [],
        "story=1": [1],
        "state=released": [2, 1],
    }
    for query, ids in queries.items():
        assert [row["id"] for row in api.call("GET", f"/articles?{query}")["data"]] == ids, query


def test_stories_are_hidden_pinned_merged_and_split(api: ApiClient, world: World) -> None:
    world.article("Kazakhstan opens a port", ["KZ"])
    world.article("Georgia votes", ["GE"])
    assert [row["title"] for row in api.call("GET", "/stories")["data"]] == [
        "Georgia votes",
        "Kazakhstan opens a port",
    ]
    hidden = api.call("PATCH", "/stories/1", {"hidden": True, "pin": "pin"})
    assert (hidden["hidden"], hidden["pinned"], hidden["countries"]) == (True, 1, ["KZ"])
    assert [row["id"] for row in api.call("GET", "/stories?hidden=true")["data"]] == [1]
    assert api.call("PATCH", "/stories/1", {"hidden": False, "pin": "unpin"})["pinned"] == 0
    merged = api.call("POST", "/stories/1/merge", {"story": 2})
    assert (merged["id"], merged["article_ids"]) == (1, [2])  # of one source, the newer one is shown
    assert api.call("POST", "/stories/1/merge", {"story": 1}, status=409)
    assert api.call("POST", "/articles/2/split")["article_ids"] == [2]
    api.call("POST", "/articles/2/split", status=409)


def test_regions_and_counts(api: ApiClient, world: World) -> None:
    rows = api.call("GET", "/regions")["data"]
    assert rows[0]["slug"] == "world"
    assert api.call("GET", "/regions?q=Грузия&lang=ru")["data"][0]["name"] == "Грузия"
    assert api.call("GET", "/regions/central-asia")["countries"] == ["KG", "KZ", "TJ", "TM", "UZ"]
    assert "atlantis" in api.call("GET", "/regions/atlantis", status=404)["detail"]
    world.article()
    world.subscriber()
    counts = api.call("GET", "/counts?hours=2")
    assert (counts["articles"], counts["articles_by_source"]) == (1, {"1": 1})
    assert counts["subscribers_by_state"] == {str(SubscriberState.ACTIVE): 1}


def test_settings_are_shown_without_secrets(api: ApiClient, app: Flask, parts: Parts) -> None:
    rows = {row["name"]: row for row in api.call("GET", "/settings")["data"]}
    assert rows["BASE_URL"]["value"] == "https://news.example.org"
    assert rows["MAIL_FROM"]["value"] == "Dateline <digest@example.org>"
    assert rows["DOMAIN_RATES"]["value"] == []
    assert (rows["SECRET_KEY"]["value"], rows["SECRET_KEY"]["secret"]) == (None, True)
    assert (rows["SMTP_URL"]["is_set"], rows["SECRET_KEY"]["is_set"]) == (False, True)
    assert parts.settings.secret_key not in api.send("GET", "/settings").text


def test_the_health_names_what_does_not_answer(api: ApiClient) -> None:
    health = api.call("GET", "/health")
    assert health["status"] == "unavailable"
    assert health["checks"]["database"] == "ok"
    assert "REDIS_URL" in health["checks"]["broker"]


def test_feedback_has_no_address(api: ApiClient, world: World, parts: Parts) -> None:
    from digest.feedback.models import Feedback
    from digest.feedback.states import FeedbackKind

    subscriber = world.subscriber("ann@example.org")
    now = parts.clock()
    with parts.db.begin() as tx:
        edition = editions.create_manual(tx, EditionKind.MANUAL, {}, note="", now=now, cutoff=now)
        for n in range(3):
            at = parts.clock() + timedelta(minutes=n)
            words = "550 no mailbox ann@example.org here"
            edition_id = edition.id if n else None
            tx.add(
                Feedback(
                    at=at, kind=FeedbackKind.BOUNCE, origin="mailbox" if n == 1 else "relay",
                    subscriber_id=subscriber.id, words=words, edition_id=edition_id,
                )
            )  # fmt: skip
    rows = [row for page in api.pages("/feedback?limit=2&kind=bounce") for row in page]
    assert [row["id"] for row in rows] == [3, 2, 1]
    assert "ann@" not in str(rows)
    assert api.call("GET", "/feedback?kind=complaint")["data"] == []
    about = api.call("GET", f"/feedback?edition={edition.id}")["data"]
    assert [(row["id"], row["edition_id"]) for row in about] == [(3, edition.id), (2, edition.id)]
    counted = api.call("GET", f"/editions/{edition.id}/feedback")
    assert counted == {"bounced": 1, "complained": 0, "unsubscribed": 0}
    assert api.call("GET", "/editions/9999/feedback", status=404)
