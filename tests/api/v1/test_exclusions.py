"""Words that never mean a country by the API: listed, excluded, and no longer excluded."""

import pytest
from flask import Flask

from digest import upkeep_tasks
from digest.api.v1 import exclusions
from digest.articles import exclusion_changes, moderation
from digest.articles.store import articles as store
from digest.parts import Parts
from digest.task_names import TaskName
from tests.api.v1.conftest import ApiClient, newest_entry
from tests.builders import World

AGRI = {"words": "Agri", "country": "TR"}


def countries(parts: Parts, article_id: int) -> list[str]:
    with parts.db.read() as tx:
        return [tag.country for tag in store.by_id(tx, article_id).tags]


def test_words_are_excluded_listed_and_removed(api: ApiClient, world: World, parts: Parts) -> None:
    world.article("Agri wins a prize for tractors")
    moderation.reset_tags(parts.db, parts.ingest.tagger, 1, parts.clock())
    assert countries(parts, 1) == ["TR"]
    assert api.call("POST", "/exclusions", AGRI, status=201) == {"id": 1, "tagged": 1, "untagged": 0}
    assert countries(parts, 1) == []
    entry = newest_entry(parts)
    assert (entry.action, entry.after) == (
        "words excluded",
        {"words": "Agri", "country": "TR", "source": None},
    )
    second = api.call("POST", "/exclusions", {**AGRI, "words": "Agri Farms", "source_id": 1}, status=201)
    pages = api.pages("/exclusions?limit=1")
    assert [[row["words"] for row in page] for page in pages] == [["Agri Farms"], ["Agri"]]
    newest, first = pages[0][0], pages[1][0]
    assert (first["articles"], first["country"], first["source_id"], first["added_by"]) == (
        1,
        "TR",
        None,
        "token admin",
    )
    assert (newest["id"], newest["articles"], newest["source_id"]) == (second["id"], 0, 1)
    assert api.call("DELETE", "/exclusions/1") == {"id": 1, "tagged": 1, "untagged": 0}
    assert countries(parts, 1) == ["TR"]
    assert newest_entry(parts).before == {"words": "Agri", "country": "TR", "source": None}
    assert api.call("DELETE", "/exclusions/1", status=404)


def test_older_articles_are_left_to_the_worker(
    api: ApiClient, app: Flask, world: World, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        world.article(f"Agri wins a prize for tractors of type {number}")
        moderation.reset_tags(parts.db, parts.ingest.tagger, number + 1, parts.clock())
    enqueued: list[TaskName] = []
    monkeypatch.setattr(exclusions, "enqueue", enqueued.append)
    monkeypatch.setattr(exclusion_changes, "BATCH_SIZE", 2)
    assert api.call("POST", "/exclusions", AGRI, status=201) == {"id": 1, "tagged": 2, "untagged": 1}
    assert enqueued == [TaskName.TAG_WAITING]
    upkeep_tasks.tag_waiting(parts, app.extensions["celery"])
    assert [countries(parts, number) for number in (1, 2, 3)] == [[], [], []]


def test_words_that_cannot_be_excluded_are_refused_at_their_place(api: ApiClient, world: World) -> None:
    assert api.call("POST", "/exclusions", AGRI, status=201)
    assert api.call("POST", "/exclusions", AGRI, status=409)
    for wrong in (
        {"country": "XX"},
        {"country": "tr"},
        {"words": ""},
        {"words": "x" * 81},
        {"source_id": 0},
        {"x": 1},
    ):
        api.call("POST", "/exclusions", {**AGRI, "words": "Agri Farms"} | wrong, status=422)
    api.call("POST", "/exclusions", {**AGRI, "words": "Agri Farms", "source_id": 99}, status=404)
    problem = api.call("POST", "/exclusions", {**AGRI, "country": "XX"}, status=422)
    assert "/country" in str(problem)
