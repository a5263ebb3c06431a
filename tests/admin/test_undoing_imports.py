"""Undoing an import: all that it did, and nothing that somebody has done since."""

import pytest

from digest.errors import ConflictError
from digest.parts import Parts
from digest.subscribers import lifecycle
from digest.subscribers.imports import undoing, uploads
from digest.subscribers.imports.rules import parse_fields
from digest.subscribers.imports.undoing import UNDO_TIME
from digest.subscribers.models import ImportChange
from digest.subscribers.states import ConsentAction, SuppressionReason
from digest.subscribers.store import subscribers
from digest.subscribers.store.suppressions import SuppressionCause
from tests.admin.import_steps import count, find, import_list, is_suppressed, undo
from tests.builders import World
from tests.web.browser_session import BrowserSession


def test_an_import_is_undone_with_all_that_it_added_and_suppressed(
    manager: BrowserSession, parts: Parts, world: World
) -> None:
    world.subscriber("here@r.example", ["kz"])
    rows = "ann@r.example,active\nleft@r.example,unsubscribed\nbad@r.example,bounced\nhere@r.example,complained\n"
    text = f"email,status\n{rows}"
    import_id = import_list(manager, parts, text, program="other")
    here = find(parts, "here@r.example")
    assert here
    assert here.state == "suppressed"
    page = manager.get_page(f"/admin/imports/{import_id}/undo")
    assert "subscribers are removed</dt><dd>2</dd>" in page
    page = undo(manager, parts, import_id)
    assert "The import is undone" in page
    assert find(parts, "ann@r.example") is None
    assert find(parts, "left@r.example") is None
    assert not is_suppressed(parts, "bad@r.example")
    here = find(parts, "here@r.example")
    assert here
    assert (here.state, here.left_at) == ("active", None)
    assert count(parts, ImportChange) == 0


def test_who_did_something_since_stays_and_who_bounced_goes_but_stays_suppressed(
    manager: BrowserSession, parts: Parts
) -> None:
    names = ("changed", "left", "asked", "bounced", "complained", "quiet", "erased")
    rows = "".join(f"{name}@r.example\n" for name in names)
    import_id = import_list(manager, parts, f"email\n{rows}", program="other")
    secret, now = parts.settings.secret_key, parts.clock()
    people = {name: find(parts, f"{name}@r.example") for name in names}
    ids = {name: row.public_id for name, row in people.items() if row}
    other = parts.import_rules(defaults={"regions": "FR"})
    lifecycle.change_subscription(parts.db, ids["changed"], parse_fields({}, other), now=now)
    lifecycle.erase(parts.db, ids["erased"], secret=secret, now=now)
    with parts.db.begin() as tx:
        lifecycle.leave(tx, subscribers.by_public_id(tx, ids["left"]), now)
        asked = subscribers.by_public_id(tx, ids["asked"])
        subscribers.add_consent(tx, asked, ConsentAction.CHANGED, "192.0.2.1", wording="x", now=now)
        for name in ("bounced", "complained"):
            cause = SuppressionCause(SuppressionReason(name))
            lifecycle.suppress(tx, subscribers.by_public_id(tx, ids[name]), cause, secret=secret, now=now)
    page = undo(manager, parts, import_id)
    stayed = {name for name in names if find(parts, f"{name}@r.example")}
    assert stayed == {"changed", "left", "asked", "complained"}
    assert is_suppressed(parts, "bounced@r.example")
    assert is_suppressed(parts, "erased@r.example")
    assert "did something themselves" in page


def test_an_import_cannot_be_undone_after_a_day_nor_twice(
    manager: BrowserSession, parts: Parts, world: World
) -> None:
    first = import_list(manager, parts)
    undo(manager, parts, first)
    assert manager.get(f"/admin/imports/{first}/undo").status_code == 409
    second = import_list(manager, parts)
    world.clock.advance(hours=25)  # type: ignore[attr-defined]  # the clock of tests
    uploads.forget(parts.db, parts.clock(), UNDO_TIME)
    with pytest.raises(ConflictError):
        undoing.start(parts.db, second, parts.clock())
    assert find(parts, "ann@r.example")
    assert count(parts, ImportChange) == 0
