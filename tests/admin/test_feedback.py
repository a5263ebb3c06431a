"""The feedback page and the list of suppressed addresses."""

import io

import pytest
from flask import Flask

from digest.accounts.store import audit
from digest.feedback.store import counts
from digest.feedback.unsubscribing import unsubscribe
from tests.builders import World
from tests.feedback.conftest import FeedbackScenario, bounce, complaint
from tests.web.browser_session import BrowserSession, sign_in_as


@pytest.fixture
def manager(app: Flask) -> BrowserSession:
    return sign_in_as(app, "manager")


def test_an_empty_page_explains_what_will_be_listed(manager: BrowserSession) -> None:
    page = manager.get_page("/admin/feedback")
    assert "No feedback yet" in page
    assert "No mailbox is set" in page
    assert "No suppressed addresses" in manager.get_page("/admin/suppressions")


def test_feedback_is_counted_by_reason_and_by_domain(
    manager: BrowserSession, scenario: FeedbackScenario, world: World
) -> None:
    dead, full = world.subscriber("anna@far.example"), world.subscriber("ben@near.example")
    scenario.receive(bounce(scenario.return_path(scenario.delivery(dead)), dead.email))
    scenario.receive(
        bounce(
            scenario.return_path(scenario.delivery(full)),
            full.email,
            status="5.2.2",
            diagnostic="552 <b>full</b>",
        )
    )
    with scenario.db.read() as tx:
        assert counts.count_by_domain(tx, scenario.clock()) == {
            "far.example": {"hard": 1},
            "near.example": {"soft": 1},
        }
    page = manager.get_page("/admin/feedback")
    assert "no such user" in page
    assert "mailbox full" in page or "mailbox error" in page
    assert "552 &lt;b&gt;full&lt;/b&gt;" in page
    only = manager.get_page("/admin/feedback?domain=near.example")
    assert "ben@near.example" in only
    assert "anna@far.example" not in only
    assert "No matches" in manager.get_page("/admin/feedback?kind=complaint")


def test_a_subscribers_page_shows_each_delivery_with_its_feedback(
    manager: BrowserSession, scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber("anna@far.example")
    for _ in range(60):
        delivery = scenario.delivery(subscriber)
    scenario.receive(bounce(scenario.return_path(delivery), subscriber.email))
    page = manager.get_page(f"/admin/subscribers/{subscriber.id}")
    assert "hard bounce" in page
    assert "no such user" in page
    assert "1 to 50 of 60" in page
    assert "Remove suppression" in page
    older = manager.get_page(f"/admin/subscribers/{subscriber.id}?page=2")
    assert "51 to 60 of 60" in older


def test_the_suppression_of_a_mistaken_bounce_is_removed_after_a_question(
    manager: BrowserSession, scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber("anna@far.example")
    scenario.receive(bounce(scenario.return_path(scenario.delivery(subscriber)), subscriber.email))
    ask = "/admin/suppressions/lift?email=anna@far.example"
    assert "Resume sending" in manager.get_page(ask)
    assert scenario.reload(subscriber).state == "suppressed"
    answer = manager.post(
        "/admin/suppressions/lift", {"email": subscriber.email, "mistaken": "yes"}, form_page=ask
    )
    assert "gets the digest again" in manager.follow(answer)
    assert scenario.reload(subscriber).state == "active"
    assert manager.get(ask).status_code == 404


def test_a_complaint_can_not_be_treated_as_a_mistake(
    manager: BrowserSession, scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber("anna@far.example")
    scenario.receive(
        complaint("a@example.org", f"Return-Path: <{scenario.return_path(scenario.delivery(subscriber))}>")
    )
    ask = "/admin/suppressions/lift?email=anna@far.example"
    assert "Resume sending" not in manager.get_page(ask)
    answer = manager.post(
        "/admin/suppressions/lift", {"email": subscriber.email, "mistaken": "yes"}, form_page=ask
    )
    assert "may subscribe again" in manager.follow(answer)
    assert scenario.reload(subscriber).state == "unsubscribed"


def test_lists_go_in_and_out_as_csv_that_no_spreadsheet_runs(
    manager: BrowserSession, scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber("=anna@far.example")
    text = (
        "\ufeffEmail,Reason,Detail\n'=anna@far.example,HardBounce,=1+1\nnobody,x,\nstranger@far.example,,\n"
    )
    data = {"file": (io.BytesIO(text.encode()), "list.csv")}
    page = manager.follow(manager.post("/admin/suppressions/import", data, form_page="/admin/suppressions"))
    assert "Added: 2; already suppressed: 0; rejected: 1" in page
    assert "Line 3" in page
    assert scenario.reload(subscriber).state == "suppressed"
    out = manager.get("/admin/suppressions.csv")
    assert out.mimetype == "text/csv"
    assert out.text.splitlines()[1].startswith("'=anna@far.example,bounced,2026-03-10T12:00:00+00:00,'=1+1")
    assert "stranger" not in out.text
    with scenario.parts.db.read() as tx:
        assert audit.audit_trail(tx)[0][0].action == "suppressions exported"
    assert "only the hash is known" in page
    assert "imported" in manager.get_page("/admin/suppressions?q=STRANGER@far.example")


def test_a_manager_suppresses_an_address(
    manager: BrowserSession, scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber("anna@far.example")
    answer = manager.post(
        "/admin/suppressions", {"email": "Anna@Far.example"}, form_page="/admin/suppressions"
    )
    assert "is suppressed" in manager.follow(answer)
    assert scenario.reload(subscriber).state == "suppressed"
    again = manager.post(
        "/admin/suppressions", {"email": "anna@far.example"}, form_page="/admin/suppressions"
    )
    assert "is already suppressed" in manager.follow(again)


def test_a_file_that_is_not_csv_is_refused(manager: BrowserSession) -> None:
    data = {"file": (io.BytesIO(b"\xff\xfe\x00"), "list.csv")}
    answer = manager.post("/admin/suppressions/import", data, form_page="/admin/suppressions")
    assert "no column &#34;email&#34;" in (
        manager.follow(answer) if answer.status_code == 302 else answer.text
    )


def test_an_edition_shows_what_came_back_and_lists_only_that(
    manager: BrowserSession, scenario: FeedbackScenario, world: World
) -> None:
    readers = [world.subscriber(f"reader{n}@far.example") for n in range(3)]
    quiet = scenario.delivery(readers[0])
    edition = (mail := scenario.delivery(readers[0])).edition_id
    scenario.delivery(readers[1], edition=edition)
    scenario.delivery(readers[2], edition=edition)
    scenario.receive(bounce(scenario.return_path(mail), readers[0].email))
    unsubscribe(scenario.db, readers[1].public_id, origin="one-click", now=scenario.clock())
    page = " ".join(manager.get_page(f"/admin/editions/{edition}").split())
    assert '<dt>Bounced</dt><dd>1 <span class="muted">33.33%</span></dd>' in page
    assert "<dt>Complaints</dt><dd>0</dd>" in page
    assert '<dt>Unsubscribed</dt><dd>1 <span class="muted">33.33%</span></dd>' in page
    assert "Feedback about this edition" not in manager.get_page(f"/admin/editions/{quiet.edition_id}")
    listed = manager.get_page("/admin/editions?sort=bounced")
    assert listed.index(f"/admin/editions/{edition}") < listed.index(f"/admin/editions/{quiet.edition_id}")
    only = manager.get_page(f"/admin/feedback?edition={edition}")
    assert only.count("@far.example</a>") == 2
    assert f"Remove the filter “Edition {edition}”" in only
    assert "No matches" in manager.get_page(f"/admin/feedback?edition={quiet.edition_id}")
    assert manager.get("/admin/feedback?edition=x").status_code == 400
