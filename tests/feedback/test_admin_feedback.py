"""What editors see of what came back, and the list of suppressed addresses."""

import io

import pytest
from flask import Flask

from digest.feedback import store as feedback
from tests.builders import World
from tests.feedback.conftest import Post, bounce, complaint
from tests.web.browser_session import Desk, desk


@pytest.fixture
def editor(app: Flask) -> Desk:
    return desk(app, "editor")


def test_an_empty_page_says_what_will_be_there(editor: Desk) -> None:
    page = editor.page("/admin/feedback")
    assert "Nothing has come back yet" in page
    assert "No mailbox is read" in page
    assert "Nobody is suppressed" in editor.page("/admin/suppressions")


def test_figures_stand_by_reason_and_by_domain(editor: Desk, post: Post, world: World) -> None:
    dead, full = world.reader("anna@far.example"), world.reader("ben@near.example")
    post.take(bounce(post.return_path(post.delivery(dead)), dead.email))
    post.take(
        bounce(post.return_path(post.delivery(full)), full.email, status="5.2.2", said="552 <b>full</b>")
    )
    with post.db.read() as tx:
        assert feedback.by_domain(tx, post.clock()) == {
            "far.example": {"hard": 1},
            "near.example": {"soft": 1},
        }
    page = editor.page("/admin/feedback")
    assert "no such user" in page
    assert "mailbox full" in page or "mailbox trouble" in page
    assert "552 &lt;b&gt;full&lt;/b&gt;" in page
    only = editor.page("/admin/feedback?domain=near.example")
    assert "ben@near.example" in only
    assert "anna@far.example" not in only
    assert "Nothing fits" in editor.page("/admin/feedback?kind=complaint")


def test_a_readers_page_shows_each_delivery_with_what_came_back(
    editor: Desk, post: Post, world: World
) -> None:
    reader = world.reader("anna@far.example")
    for _ in range(60):
        delivery = post.delivery(reader)
    post.take(bounce(post.return_path(delivery), reader.email))
    page = editor.page(f"/admin/subscribers/{reader.id}")
    assert "hard bounce" in page
    assert "no such user" in page
    assert "1 to 50 of 60" in page
    assert "Take off the list" in page
    older = editor.page(f"/admin/subscribers/{reader.id}?page=2")
    assert "51 to 60 of 60" in older


def test_a_mistaken_bounce_is_lifted_after_a_question(editor: Desk, post: Post, world: World) -> None:
    reader = world.reader("anna@far.example")
    post.take(bounce(post.return_path(post.delivery(reader)), reader.email))
    ask = "/admin/suppressions/lift?email=anna@far.example"
    assert "It was a mistake: send again" in editor.page(ask)
    assert post.reader(reader).state == "suppressed"
    answer = editor.post("/admin/suppressions/lift", {"email": reader.email, "mistaken": "yes"}, on=ask)
    assert "gets the digest again" in editor.follow(answer)
    assert post.reader(reader).state == "active"
    assert editor.get(ask).status_code == 404


def test_a_complaint_is_not_offered_to_be_a_mistake(editor: Desk, post: Post, world: World) -> None:
    reader = world.reader("anna@far.example")
    post.take(complaint("a@example.org", f"Return-Path: <{post.return_path(post.delivery(reader))}>"))
    ask = "/admin/suppressions/lift?email=anna@far.example"
    assert "It was a mistake" not in editor.page(ask)
    answer = editor.post("/admin/suppressions/lift", {"email": reader.email, "mistaken": "yes"}, on=ask)
    assert "may subscribe again" in editor.follow(answer)
    assert post.reader(reader).state == "unsubscribed"


def test_lists_go_in_and_out_as_csv_that_no_spreadsheet_runs(editor: Desk, post: Post, world: World) -> None:
    reader = world.reader("=anna@far.example")
    text = (
        "\ufeffEmail,Reason,Detail\n'=anna@far.example,HardBounce,=1+1\nnobody,x,\nstranger@far.example,,\n"
    )
    data = {"file": (io.BytesIO(text.encode()), "list.csv")}
    page = editor.follow(editor.post("/admin/suppressions/import", data, on="/admin/suppressions"))
    assert "Suppressed: 2; known already: 0; not used: 1" in page
    assert "Line 3" in page
    assert post.reader(reader).state == "suppressed"
    out = editor.get("/admin/suppressions.csv")
    assert out.mimetype == "text/csv"
    assert out.text.splitlines()[1].startswith("'=anna@far.example,bounced,2026-03-10T12:00:00+00:00,'=1+1")
    assert "stranger" not in out.text
    assert "known by its hash" in page
    assert "imported" in editor.page("/admin/suppressions?q=STRANGER@far.example")


def test_an_editor_suppresses_an_address(editor: Desk, post: Post, world: World) -> None:
    reader = world.reader("anna@far.example")
    answer = editor.post("/admin/suppressions", {"email": "Anna@Far.example"}, on="/admin/suppressions")
    assert "Nothing is sent" in editor.follow(answer)
    assert post.reader(reader).state == "suppressed"
    again = editor.post("/admin/suppressions", {"email": "anna@far.example"}, on="/admin/suppressions")
    assert "is on the list already" in editor.follow(again)


def test_a_file_that_is_no_csv_is_refused_in_words(editor: Desk) -> None:
    data = {"file": (io.BytesIO(b"\xff\xfe\x00"), "list.csv")}
    answer = editor.post("/admin/suppressions/import", data, on="/admin/suppressions")
    assert "no CSV in UTF-8" in (editor.follow(answer) if answer.status_code == 302 else answer.text)
