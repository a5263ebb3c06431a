"""Subscribers by the API: added, changed, paused, unsubscribed, erased; and what the audit trail keeps of it."""

import json
from datetime import timedelta

import pytest

from digest.deliveries.sending import letter_sender
from digest.parts import Parts
from digest.subscribers import letter_requests
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.store import subscribers
from tests.api.v1.conftest import ApiClient, newest_entry
from tests.builders import World

NEW = {
    "email": "Ann@example.org",
    "regions": ["central-asia", "ge"],
    "time": "06:45",
    "zone": "Asia/Tashkent",
}
PROOF = {"consent": {"wording": "Yes, send me the digest.", "at": "2026-03-01T10:00:00+02:00"}}


def find(parts: Parts, email: str) -> Subscriber | None:
    with parts.db.read() as tx:
        return subscribers.find_by_address(tx, parse_address(email))


def test_without_a_proof_a_letter_asks_and_nothing_else_comes(api: ApiClient, parts: Parts) -> None:
    assert api.call("POST", "/subscribers", NEW, status=202) == {"id": None, "state": "asked"}
    letter_requests.process_all(parts.db, secret=parts.settings.secret_key, per_hour=0, now=parts.clock())
    letter_sender.send_letters(parts.db, parts.sending)
    row = find(parts, "ann@example.org")
    assert row
    assert row.state == "pending"
    (mail,) = parts.settings.outbox.glob("*/*")
    assert "To: Ann@example.org" in mail.read_text()


def test_many_are_added_in_one_request(api: ApiClient, parts: Parts, world: World) -> None:
    world.subscriber("known@example.org")
    gone = world.subscriber("gone@example.org")
    api.call("DELETE", f"/subscribers/{gone.id}", status=204)
    asked = [NEW | {"email": f"asked{n}@example.org"} for n in range(3)]
    proved = [NEW | PROOF | {"email": f"{name}@example.org"} for name in ("bob", "known", "gone")]
    counts = api.call("POST", "/subscribers/batch", {"subscribers": asked + proved}, status=202)
    assert counts == {"asked": 3, "added": 1, "known": 1, "suppressed": 1}
    bob = find(parts, "bob@example.org")
    assert bob
    assert bob.state == "active"
    assert find(parts, "gone@example.org") is None
    secret = parts.settings.secret_key
    assert letter_requests.process_all(parts.db, secret=secret, per_hour=0, now=parts.clock()) == 3
    entry = newest_entry(parts)
    assert (entry.action, entry.after) == ("subscribers added", counts)


def test_if_one_of_many_is_invalid_each_error_is_named_and_none_is_added(
    api: ApiClient, parts: Parts
) -> None:
    bodies = [NEW | PROOF, NEW | {"email": "nobody"}, NEW | {"regions": ["atlantis"]}]
    answer = api.send("POST", "/subscribers/batch", {"subscribers": bodies})
    assert answer.status_code == 422
    assert answer.json
    assert [error["at"] for error in answer.json["errors"]] == ["/subscribers/1/email", "/subscribers/2"]
    assert find(parts, "ann@example.org") is None
    assert api.send("POST", "/subscribers/batch", {"subscribers": []}).status_code == 422


def test_the_answer_is_the_same_for_an_address_that_is_known(api: ApiClient, world: World) -> None:
    world.subscriber("ann@example.org")
    assert api.call("POST", "/subscribers", NEW, status=202) == {"id": None, "state": "asked"}


def test_with_a_proof_of_consent_they_are_active_and_the_proof_is_kept(api: ApiClient, parts: Parts) -> None:
    answer = api.send("POST", "/subscribers", NEW | PROOF)
    assert answer.status_code == 201
    row = api.call("GET", answer.headers["Location"].removeprefix("/api/v1"))
    assert (row["email"], row["state"], row["regions"]) == (
        "Ann@example.org",
        "active",
        ["central-asia", "ge"],
    )
    assert (row["time"], row["zone"], row["language"]) == ("06:45", "Asia/Tashkent", "en")
    (consent,) = api.call("GET", f"/subscribers/{row['id']}/history")["consents"]
    assert consent["action"] == "imported"
    assert (
        consent["wording"] == "API token admin; agreed at 2026-03-01T08:00:00+00:00: Yes, send me the digest."
    )
    again = api.call("POST", "/subscribers", NEW | PROOF, status=409)
    assert "is subscriber 1 already" in again["detail"]
    assert newest_entry(parts).target == "subscriber 1"


def test_a_suppressed_address_is_not_added(api: ApiClient) -> None:
    api.call("POST", "/suppressions", {"email": "ann@example.org"}, status=201)
    assert "is suppressed" in api.call("POST", "/subscribers", NEW | PROOF, status=409)["detail"]


def test_a_change_leaves_the_rest_as_it_is(api: ApiClient, world: World) -> None:
    row = world.subscriber(regions=["ge"])
    changed = api.call(
        "PATCH", f"/subscribers/{row.id}", {"size": "brief", "kinds": ["sport"], "show_why": True}
    )
    assert (changed["size"], changed["kinds"], changed["show_why"]) == ("brief", ["sport"], True)
    assert (changed["regions"], changed["time"]) == (["ge"], "07:00")
    assert api.call("PATCH", f"/subscribers/{row.id}", {"kinds": []})["kinds"] is None
    assert api.call("PATCH", f"/subscribers/{row.id}", {"regions": ["kz", "ge"]})["regions"] == ["kz", "ge"]
    assert (
        api.call("PATCH", f"/subscribers/{row.id}", {"regions": []}, status=422)["errors"][0]["at"]
        == "/regions"
    )


def test_a_change_of_what_was_changed_meanwhile_is_refused(api: ApiClient, world: World) -> None:
    path = f"/subscribers/{world.subscriber().id}"
    etag = api.send("GET", path).headers["ETag"]
    first = api.send("PATCH", path, {"time": "08:00"}, If_Match=etag)
    assert first.status_code == 200
    assert api.call("PATCH", path, {"time": "09:00"}, status=412, If_Match=etag)["type"].endswith(
        "changed-meanwhile"
    )
    assert api.call("DELETE", path, status=412, If_Match=etag)
    assert api.call("PATCH", path, {"time": "09:00"}, If_Match=first.headers["ETag"])["time"] == "09:00"
    assert api.call("PATCH", path, {"time": "09:15"}, If_Match="*")["time"] == "09:15"


def test_pausing_resuming_and_unsubscribing(api: ApiClient, world: World, parts: Parts) -> None:
    path = f"/subscribers/{world.subscriber().id}"
    until = (parts.clock() + timedelta(days=7)).isoformat()
    assert api.call("POST", f"{path}/pause", {"until": until})["state"] == "paused"
    entry = newest_entry(parts)
    assert (entry.action, entry.before, entry.after) == (
        "subscriber paused",
        {"state": "active"},
        {"state": "paused"},
    )
    assert api.call("POST", f"{path}/resume")["state"] == "active"
    assert "not paused" in api.call("POST", f"{path}/resume", status=409)["detail"]
    assert api.call("POST", f"{path}/pause", {"until": "2020-01-01T00:00:00Z"}, status=422)
    assert api.call("POST", f"{path}/unsubscribe")["state"] == "unsubscribed"
    assert api.call("POST", f"{path}/unsubscribe", status=409)
    assert api.call("POST", f"{path}/pause", {"until": until}, status=409)


def test_erasing_leaves_no_address_anywhere(api: ApiClient, world: World, parts: Parts) -> None:
    path = f"/subscribers/{world.subscriber('ann@example.org').id}"
    api.call("PATCH", path, {"time": "08:00"})
    api.call("DELETE", path, status=204)
    api.call("GET", path, status=404)
    entry = newest_entry(parts)
    assert (entry.action, entry.account) == ("subscriber erased", "token admin")
    with parts.db.read() as tx:
        from digest.accounts.store import audit

        entries, _total = audit.audit_trail(tx)
    assert "ann@" not in json.dumps([[row.target, row.before, row.after] for row in entries])
    suppressed = api.call("GET", "/suppressions?email=ann@example.org")["data"]
    assert [row["reason"] for row in suppressed] == ["erased"]


@pytest.mark.parametrize("step", ["pause", "resume", "unsubscribe", "link", "history"])
def test_a_subscriber_that_does_not_exist(api: ApiClient, step: str) -> None:
    body = {"until": "2026-03-11T00:00:00Z"} if step == "pause" else None
    method = "GET" if step == "history" else "POST"
    assert (
        api.call(method, f"/subscribers/7/{step}", body, status=404)["detail"] == "There is no subscriber 7."
    )


def test_a_link_is_sent_four_times_a_day(api: ApiClient, world: World) -> None:
    path = f"/subscribers/{world.subscriber().id}/link"
    for _ in range(4):
        api.call("POST", path, status=202)
    assert "four such mails" in api.call("POST", path, status=409)["detail"]


def test_suppressing_and_lifting(api: ApiClient, world: World) -> None:
    world.subscriber("ann@example.org")
    first = api.call("POST", "/suppressions", {"email": "ann@example.org"}, status=201)
    assert api.call("POST", "/suppressions", {"email": "ann@example.org"}) == first
    assert api.pages("/suppressions?limit=1") == [[first]]
    assert api.call("POST", "/suppressions/lift", {"email": "ann@example.org"})["state"] == "unsubscribed"
    assert (
        "not suppressed"
        in api.call("POST", "/suppressions/lift", {"email": "ann@example.org"}, status=404)["detail"]
    )
