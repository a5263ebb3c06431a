"""The audit trail: what was changed, from what to what, by whom and how; filters and exports."""

import csv
import io
import json
import logging
import re
from typing import Any

import pytest
from flask import Flask

from digest.accounts import audit
from digest.accounts.audit import Actor, Change
from digest.accounts.models import AuditEntry
from digest.accounts.states import Face, SecurityEvent
from digest.accounts.store import audit as store
from digest.accounts.store.audit import AuditFilters
from digest.admin.audit_log import UNRECORDED_ENDPOINTS
from digest.database import Database
from digest.parts import Parts
from digest.route_access import ACCESS
from tests.builders import World
from tests.conftest import NOON, StoppedClock
from tests.web.browser_session import BrowserSession, sign_in_as, sign_in_by_the_pages


def newest(parts: Parts) -> AuditEntry:
    with parts.db.read() as tx:
        return store.audit_trail(tx)[0][0]


def count(parts: Parts) -> int:
    with parts.db.read() as tx:
        return store.audit_trail(tx)[1]


def test_a_changed_source_is_recorded_with_both_values_and_a_link(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    source = world.source("The Steppe Post")
    form = {"title": "The Steppe", "home": "", "attribution": "", "excerpt_length": "200", "weight": "2"}
    form["url"] = "https://the-steppe-post.example/feed.xml"
    editor.post(f"/admin/sources/{source}", form, form_page=f"/admin/sources/{source}")
    entry = newest(parts)
    assert (entry.account, entry.face, entry.link) == (
        "editor@example.org",
        Face.NEWSROOM,
        f"/admin/sources/{source}",
    )
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["title"], entry.after["title"]) == ("The Steppe Post", "The Steppe")
    assert entry.after["weight"] == 2
    assert entry.network == "127.0.0.1/32"


def test_a_retagged_article_has_its_countries_before_and_after(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Kazakhstan opens a railway")
    before, page = newest(parts).id, "/admin/articles/1"
    editor.post(f"{page}/tags", {"countries": "GE", "more": ""}, form_page=page)
    entry = newest(parts)
    assert entry.id > before
    assert entry.after == {"about": ["GE"]}
    assert entry.link == page
    assert entry.before is not None


def test_an_unsubscription_names_the_states_but_no_address(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    subscriber = world.subscriber("ann@example.com").id
    page = f"/admin/subscribers/{subscriber}/unsubscribe"
    manager.post(page, form_page=page)
    entry = newest(parts)
    assert (entry.before, entry.after) == ({"state": "active"}, {"state": "unsubscribed"})
    assert "ann@example.com" not in f"{entry.target}{entry.before}{entry.after}{entry.link}"


def test_a_page_that_forgets_to_record_its_change_is_recorded_all_the_same(app: Flask, parts: Parts) -> None:
    endpoint = "admin.set_hidden"
    app.view_functions[endpoint] = lambda **_values: "done"
    editor = sign_in_as(app, "editor")
    editor.post("/admin/articles/7/hide")
    entry = newest(parts)
    assert (entry.action, entry.target, entry.link) == (
        "set hidden",
        "/admin/articles/7/hide",
        "/admin/articles/7",
    )


def test_a_change_that_failed_is_not_recorded(manager: BrowserSession, parts: Parts) -> None:
    before = count(parts)
    manager.post("/admin/subscribers/999/erase")
    manager.post("/admin/suppressions", {"email": "no address"})
    assert count(parts) == before


def test_every_form_of_the_newsroom_is_recorded_or_changes_nothing(app: Flask) -> None:
    """The exceptions are pages that record security events themselves, and three that only show something."""
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posts >= UNRECORDED_ENDPOINTS
    showing = {"admin.check_compose", "admin.try_source", "admin.try_source_change"}
    for endpoint in UNRECORDED_ENDPOINTS - showing:
        access = ACCESS[endpoint]
        assert access.role is None or access.before_setup or access.role == "admin", endpoint


@pytest.fixture
def trail(parts: Parts) -> None:
    """Three entries: of the newsroom, of a command, of a task."""
    with parts.db.begin() as tx:
        audit.record(tx, Actor("ann@example.org"), "source added", "=cmd|' /C calc'!A0", now=NOON)
        actor = Actor("root@host", Face.COMMAND)
        audit.record(tx, actor, "dateline sources prune", now=NOON, change=Change(after={"days": 3}))
        audit.record_task(tx, "edition paused", "edition 3", now=NOON, change=Change("/admin/editions/3"))


def actions(page: str) -> list[str]:
    return re.findall(r'<td data-label="Action">([^<]*)</td>', page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("face=command&account=root", ["dateline sources prune"]),
        ("face=task", ["edition paused"]),
        ("account=ANN", ["source added"]),
        ("account=%25", []),
        ("q=prune", ["dateline sources prune"]),
        ("security=1&account=admin", ["signed in"]),
        ("since=2026-03-11", []),
        ("until=2026-03-09", []),
        ("q=source+added&since=2026-03-10&until=2026-03-10", ["source added"]),
        ("face=nonsense&q=prune", ["dateline sources prune"]),
    ],
)
def test_filters_leave_what_matches(admin: BrowserSession, trail: None, query: str, found: list[str]) -> None:
    assert actions(admin.get_page(f"/admin/audit?{query}")) == found


def test_a_wrong_day_is_shown_beside_the_field_and_what_was_typed_is_kept(admin: BrowserSession) -> None:
    answer = admin.get("/admin/audit?since=yesterday&q=typed")
    assert answer.status_code == 422
    assert "is not a day" in answer.text.partition('id="day-error"')[2].partition("</p>")[0]
    assert 'value="typed"' in answer.text


def test_exports_have_all_entries_with_their_values_and_run_nothing_in_a_spreadsheet(
    admin: BrowserSession, trail: None
) -> None:
    lines = admin.get("/admin/audit.jsonl").text.splitlines()
    entries: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert [entry["action"] for entry in entries[-4:]] == [
        "source added",
        "dateline sources prune",
        "edition paused",
        "audit trail exported",  # whoever takes it is in it
    ]
    assert entries[-3]["after"] == {"days": 3}
    assert entries[-3]["at"] == NOON.isoformat()
    rows = list(csv.DictReader(io.StringIO(admin.get("/admin/audit.csv?q=source+added").text)))
    assert [row["target"] for row in rows] == ["'=cmd|' /C calc'!A0"]


def test_an_export_of_many_entries_is_complete(
    admin: BrowserSession, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BATCH_SIZE", 7)
    with parts.db.begin() as tx:
        for number in range(50):
            audit.record(tx, Actor("x"), "numbered", str(number), now=NOON)
    lines = admin.get("/admin/audit.jsonl?q=numbered").text.splitlines()
    assert [json.loads(line)["target"] for line in lines] == [str(number) for number in range(50)]


def test_security_events_are_in_the_log_under_stable_names_without_addresses(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "digest.security"):
        editor = sign_in_by_the_pages(app, "editor")
        editor.get("/admin/audit")
        BrowserSession(app.test_client()).post(
            "/admin/sign-in",
            {"email": "editor@example.org", "password": "wrong wrong"},
            form_page="/admin/sign-in",
        )
    logged = [(record.levelname, record.event) for record in caplog.records]  # type: ignore[attr-defined]
    assert logged == [
        ("INFO", SecurityEvent.CREATED),
        ("INFO", SecurityEvent.SIGNED_IN),
        ("WARNING", SecurityEvent.ACCESS_DENIED),
        ("WARNING", SecurityEvent.SIGN_IN_FAILED),
    ]
    assert "example.org" not in caplog.text


@pytest.mark.parametrize("value", ["a\x00b", "x" * 5000, {"nested": object()}, [1, "two"], None, 3.5])
def test_any_value_can_be_stored_before_and_after(db: Database, value: object) -> None:
    with db.begin() as tx:
        change = Change(before={"value": value}, after={"password": "hunter2"})
        audit.record(tx, Actor("x" * 900), "y" * 90, "z" * 900, now=NOON, change=change)
    with db.read() as tx:
        (entry,), total = store.audit_trail(tx, filters=AuditFilters(account="x"))
    assert total == 1
    assert entry.after == {"password": "…"}
    assert len(json.dumps(entry.before)) < 600


def test_a_task_acts_for_whoever_asked_last(db: Database, clock: StoppedClock) -> None:
    link = Change("/admin/editions/4")
    with db.begin() as tx:
        audit.record(tx, Actor("ann@example.org"), "edition scheduled", "edition 4", now=NOON, change=link)
        audit.record_task(tx, "scheduled edition sent", "edition 4", now=clock(), change=link)
        audit.record_task(tx, "edition paused", "edition 5", now=clock(), change=Change("/admin/editions/5"))
    with db.read() as tx:
        found = [(entry.account, entry.face) for entry in store.audit_trail(tx)[0]]
    assert found == [
        ("dateline", Face.TASK),
        ("ann@example.org", Face.TASK),
        ("ann@example.org", Face.NEWSROOM),
    ]
