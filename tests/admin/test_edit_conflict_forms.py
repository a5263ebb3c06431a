"""Each form of the newsroom that changes something existing compares what it showed with what is stored."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from digest.admin.edit_conflicts import EDITING
from digest.deliveries.planning import manual_editions
from digest.deliveries.pure.audience import Audience
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.editions.store import day_notes
from digest.parts import Parts
from digest.subscribers import notes
from tests.admin.import_steps import LIST, upload
from tests.builders import World
from tests.web.browser_session import BrowserSession, add_account, sign_in_as
from tests.web.form_values import form_values


@dataclass(frozen=True)
class Case:
    """A form: its page, where it is sent, and what the two type into it; `kept` is stored after the first save."""

    page: str
    action: str
    theirs: dict[str, Any]
    mine: dict[str, Any]
    stored_now: str  # beside the field
    kept: str  # on the page after the second save: a field that only the other has changed


CASES = [
    Case(
        "/admin/regions/eu",
        "",
        {"name": "The Union", "aliases": "EU, Brussels"},
        {"name": "Europe united"},
        "The Union",
        'value="EU, Brussels"',
    ),
    Case(
        "/admin/subscribers/1/choices",
        "/admin/subscribers/1/choices",
        {"time": "09:15", "size": "brief", "regions": ["kz"], "order": ["kz"]},
        {"time": "18:00", "cadence": "weekly", "weekday": "2"},
        "09:15",
        'value="brief" checked',
    ),
    Case("/admin/notes?region=ge", "/admin/notes", {"action": "save", "subject": "Hot", "text": "It is hot."},
         {"action": "save", "subject": "Rain"}, "Hot", "It is hot.</textarea>"),
    Case("/admin/articles/1", "/admin/articles/1/tags", {"countries": ["GE"], "more": "Georgia"},
         {"countries": [], "more": "Peru"}, "Georgia", 'value="PE" checked'),
    Case("/admin/articles/1", "/admin/articles/1/kind", {"kind": "sport"}, {"kind": "opinion"}, "Sport",
         '<option value="opinion" selected>'),
    Case("/admin/subscribers/1/notes/1", "/admin/subscribers/1/notes/1", {"text": "Called twice."},
         {"text": "Wrote to us."}, "Called twice.", "Wrote to us."),
    Case("/admin/editions/1", "/admin/editions/1/rate", {"rate": "20"}, {"rate": "30"}, "20.0", 'value="30"'),
    Case("/admin/accounts", "/admin/accounts/2/role", {"role": "viewer"}, {"role": "manager"}, "viewer",
         '<option value="manager" selected>'),
    Case("/admin/look", "/admin/look", {"name": "Silk Road", "footer": "By us", "colour": "#0f5c63"},
         {"name": "Steppe", "masthead": "name"}, "Silk Road", "By us</textarea>"),
    Case("/admin/look?language=fa", "/admin/look", {"name": "Abrisham", "tagline": "News"},
         {"name": "Dasht"}, "Abrisham", 'value="News"'),
]  # fmt: skip


@pytest.fixture
def newsroom(app: Flask, world: World, parts: Parts) -> World:
    """An article, a subscriber with a note, a note of the day, and an edition that is being sent."""
    world.article("Astana and Lima sign a treaty", ["KZ"])
    reader = world.subscriber(regions=["kz", "uz"])
    notes.add(parts.db, reader.id, "Called us.", writer=notes.Writer("admin@example.org"), now=parts.clock())
    manual_editions.create(
        parts.db, Audience("everyone"), note="", now=parts.clock(), idempotency_key="1", draft=True
    )
    with parts.db.begin() as tx:
        tx.execute(update(Edition).values(state=EditionState.SENDING))
        day_notes.add(tx, "ge", "A note", "", author="anna@example.org", zone="UTC", now=parts.clock())
    add_account(app, "else@example.org", "editor")
    return world


def check(mine: BrowserSession, theirs: BrowserSession, case: Case) -> None:
    """Fail unless the second save shows what the first one stored, and saves once that was seen."""
    opened = form_values(mine.get_page(case.page), case.action)
    assert "shown" in opened
    path = case.action or case.page
    first = theirs.post(path, form_values(theirs.get_page(case.page), case.action) | case.theirs)
    assert first.status_code == 302, first.text
    answer = mine.post(path, opened | case.mine)
    assert answer.status_code in {400, 409}, answer.location
    assert f"<bdi>{case.stored_now}</bdi>" in answer.text
    again = form_values(answer.text, case.action)
    for name, value in case.mine.items():
        if name not in {"action", "countries"}:
            assert again[name] == ([value] if isinstance(value, str) else value), name
    page = mine.follow(
        mine.post(path, again | {name: case.mine[name] for name in case.mine if name == "action"})
    )
    assert case.kept in mine.get_page(case.page), page


def test_no_form_replaces_what_somebody_else_has_saved(
    app: Flask, admin: BrowserSession, newsroom: World, subtests: pytest.Subtests
) -> None:
    other = BrowserSession(app.test_client(), add_account(app, "boss@example.org", "admin"))
    form = {"email": "boss@example.org", "password": other.password}
    assert other.post("/admin/sign-in", form, form_page="/admin/sign-in").status_code == 302
    for case in CASES:
        with subtests.test(case.action or case.page):
            check(admin, other, case)


def test_a_form_that_is_saved_as_it_was_opened_changes_nothing(
    app: Flask, admin: BrowserSession, newsroom: World, subtests: pytest.Subtests
) -> None:
    """What a form shows and what it sends have one fingerprint, for all forms but those whose button says something."""
    for case in CASES:
        with subtests.test(case.action or case.page):
            opened = form_values(admin.get_page(case.page), case.action)
            answer = admin.post(case.action or case.page, opened | {"action": "save"})
            assert "kept so" not in admin.follow(answer)
            again = form_values(admin.get_page(case.page), case.action)
            assert again["shown"] == opened["shown"]


# Posts that need no comparison: buttons that type nothing, what is chosen for many at once, what only its own account
# can change, and what only exists once it is sent.
UNCOMPARED = {
    "add_account", "add_exclusion", "add_from_packs", "add_passkey", "add_region", "add_source", "add_subscriber",
    "add_subscriber_note", "add_token", "add_webhook", "cancel_edition", "change_address",
    "change_many", "check_compose", "choose_bulk_change", "choose_password", "confirm_backups",
    "confirm_identity", "decide_held", "delete_source", "delete_subscriber_note", "discard_import", "draft", "erase",
    "exclude_words", "forgotten", "freeze_edition", "hold_edition", "hold_slot", "import_look", "import_sources",
    "import_suppressions", "lift", "merge_story", "move_sources", "password", "pin_story", "poll_source",
    "preview_look", "release_edition", "remember_edition", "remove_app", "remove_exclusion", "remove_passkey",
    "remove_second_factor", "remove_webhook", "rename_folder", "renew_recovery_codes", "replay_message",
    "revoke_token", "second_step", "send", "send_link", "send_reset", "send_test", "set_account_state", "set_hidden",
    "set_own_alerts", "set_own_language", "set_own_zone", "set_region_retired", "set_source_state", "set_up_app",
    "set_webhook_state", "sign_in", "sign_out", "split_story", "start_import", "suppress_one", "take_back_move",
    "take_back_region", "thaw_edition", "try_source", "try_source_change", "undo_bulk_change", "undo_import",
    "unschedule_edition", "unsubscribe", "upload_import",
}  # fmt: skip


def test_every_form_of_the_newsroom_is_compared_or_needs_it_not(app: Flask) -> None:
    posts = {
        rule.endpoint.partition(".")[2]
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "POST" in (rule.methods or ())
    }
    compared = {endpoint.partition(".")[2] for endpoint in EDITING}
    assert posts == UNCOMPARED | compared
    assert not UNCOMPARED & compared


def test_the_columns_of_an_import_are_compared(app: Flask, manager: BrowserSession) -> None:
    other = sign_in_as(app, "admin")
    import_id = upload(manager, ("list.csv", LIST))
    path = f"/admin/imports/{import_id}/columns"
    opened = form_values(manager.get_page(path), "") | {"default_regions": ["GE"]}
    other.follow(
        other.post(path, form_values(other.get_page(path), "") | {"default_regions": "KZ"}, form_page=path)
    )
    answer = manager.post(path, opened, form_page=path)
    assert "Regions = KZ" in answer.text
    assert "admin@example.org, <time" in answer.text
    again = form_values(answer.text, "")
    assert again["default_regions"] == ["GE"]
    assert manager.post(path, again, form_page=path).status_code == 302


def test_the_countries_of_a_story_on_the_desk_are_compared(
    app: Flask, editor: BrowserSession, world: World
) -> None:
    other = sign_in_as(app, "manager")
    world.article("Astana and Lima sign a treaty", ["KZ"])
    page = editor.get_page("/admin/today")
    shown = re.search(r'name="shown" value="(about:\w+)"', page)
    assert shown
    form = {"action": "retag", "stories": "1", "next": "1", "shown": shown[1]}
    other.follow(other.post("/admin/today", form | {"places": "Georgia"}, form_page="/admin/today"))
    answer = editor.post("/admin/today", form | {"places": "Peru"}, form_page="/admin/today")
    assert answer.status_code == 409
    assert "<bdi>Georgia</bdi>" in answer.text
    assert 'name="places" value="Peru"' in answer.text
    fresh = re.search(r'name="shown" value="(about:\w+)"', answer.text)
    assert fresh
    page = editor.follow(
        editor.post("/admin/today", form | {"places": "Peru", "shown": fresh[1]}, form_page="/admin/today")
    )
    assert "The countries are saved." in page
