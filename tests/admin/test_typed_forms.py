"""Nothing typed is lost: each form is shown again with what was typed and the error beside its field."""

import io
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from digest.deliveries.planning import freezing, manual_editions
from digest.deliveries.pure.audience import Audience
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.parts import Parts
from digest.route_access import ACCESS
from digest.subscribers import notes
from tests.builders import World
from tests.web.browser_session import BrowserSession

# Posts without a field that somebody types into; those at the end have their own tests of errors.
BUTTONS = {
    "add_passkey", "cancel_edition", "change_today", "confirm_identity", "decide_held", "delete_source", "erase",
    "freeze_edition", "hold_edition", "hold_slot", "lift", "merge_story", "pin_story", "poll_source", "remove_app",
    "remove_passkey", "remove_second_factor", "renew_recovery_codes", "reset_kind", "send_link", "send_reset",
    "set_account_state", "set_hidden", "set_region_retired", "set_source_state", "sign_out", "split_story",
    "tag_again", "take_back_region", "thaw_edition", "unschedule_edition", "unsubscribe", "set_account_role",
    "change_many", "choose_bulk_change", "revoke_token", "set_own_alerts", "set_webhook_state",
    "choose_import_columns", "start_import", "discard_import", "undo_import", "add_from_packs", "replay_message",
    "remove_webhook", "confirm_backups", "preview_look", "delete_subscriber_note", "undo_bulk_change",
    "remember_edition", "remove_exclusion", "take_back_move", "move_sources", "rename_folder",
    "choose_password", "password", "second_step", "set_up_app",  # never shown again
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A form with an error: what is sent, which field has the error, and what the page shows again."""

    endpoint: str
    path: str
    form: dict[str, Any]
    wrong: str  # id of the field
    shown: tuple[str, ...] = ()  # pieces of HTML with what was typed and ticked
    page: str = "/admin/password"
    missing: tuple[str, ...] = field(default=())  # pieces of HTML that must not be there


REGION = {
    "name": "Silk Road",
    "slug": "silk road",
    "names": "de: Seide",
    "aliases": "Old Road",
    "regions": ["kz", "uz"],
    "source": "ours",
    "parent": "world",
}
COMPOSE = {
    "kind": "address", "address": "nobody at home", "hours": "6", "note": "A word before", "regions": ["ge"],
}  # fmt: skip
LOOK = {"name": "Silk Road", "footer": "By us", "masthead": "name", "colour": "#ffdd00"}
EXCLUDE = {"words": "Astana Motors", "country": "KZ", "scope": "source"}
EXCLUDE_SHOWN = ('"Astana Motors"', 'value="KZ" selected', '"source" checked', 'id="exclude" open')
PERU, PERU_SHOWN = {"words": "Peru", "country": "PE"}, ('value="PE" selected',)
SOURCE = {"url": "https://a.example", "title": "New Name", "home": "KZ", "attribution": "CC BY"}
SOURCE |= {"excerpt_length": "9", "weight": "1", "folder": "Asia/Central"}
SOURCE_SHOWN = ('value="Asia/Central"', 'value="New Name"', 'value="CC BY"', '<option selected value="KZ">')
FTP_SHOWN = ('value="ftp://news.example"',)
SUBSCRIPTION = {
    "regions": ["kz", "uz"], "order": ["uz", "kz"], "content": "1", "kinds": ["sport"], "languages_read": ["de"],
    "cadence": "weekly", "weekday": "3", "time": "18:15", "zone": "Mars/Base", "size": "brief", "language": "en",
}  # fmt: skip
LONG_NOTE = {"text": "Rang. " * 400}
SUBSCRIPTION_SHOWN = (
    'value="kz" checked', 'value="uz" checked', 'name="order" value="uz"', 'value="sport" checked',
    'value="de" checked', 'value="weekly" checked', '<option value="3" selected>', 'value="18:15" selected',
    'value="brief" checked',
)  # fmt: skip
CASES = [
    Case("change_look", "/admin/look", LOOK, "colour", ('value="Silk Road"', "By us</textarea>", "#ffdd00")),
    Case("import_look", "/admin/look/file", {"file": (io.BytesIO(b"no JSON"), "look.json")}, "file"),
    Case(
        "add_token",
        "/admin/tokens",
        {"name": "Importer", "scopes": ["read"], "networks": "somewhere", "days": "30"},
        "name",
        ('value="Importer"', 'value="somewhere"', 'value="30"'),
    ),
    Case(
        "add_webhook",
        "/admin/webhooks",
        {"url": "ftp://crm.example", "subscriber_left": "y"},
        "url",
        (
            'value="ftp://crm.example"',
            'id="subscriber_left" name="subscriber_left" type="checkbox" value="y"',
        ),
    ),
    Case(
        "retag",
        "/admin/articles/1/tags",
        {"countries": ["KZ"], "more": "Georgia, Atlantys"},
        "more",
        ('value="Georgia, Atlantys"', 'value="KZ" checked'),
        missing=('value="PE" checked',),
    ),
    Case("choose_kind", "/admin/articles/1/kind", {"kind": "gossip"}, "kind"),
    Case("exclude_words", "/admin/articles/1/exclusions", EXCLUDE, "words", EXCLUDE_SHOWN),
    Case("add_exclusion", "/admin/exclusions", PERU, "words", PERU_SHOWN),
    Case("add_source", "/admin/sources", {"url": "ftp://news.example"}, "url", FTP_SHOWN),
    Case("try_source", "/admin/sources/try", {"url": "ftp://news.example"}, "url", FTP_SHOWN),
    Case("import_sources", "/admin/sources/import", {"file": (io.BytesIO(b"no opml"), "list.opml")}, "file"),
    Case(
        "try_source_change",
        "/admin/sources/1/try",
        SOURCE | {"url": "ftp://news.example"},
        "url",
        FTP_SHOWN + SOURCE_SHOWN,
    ),
    Case(
        "change_source",
        "/admin/sources/1",
        SOURCE | {"excerpt_length": "9999"},
        "excerpt_length",
        ('value="https://a.example"', 'value="9999"', *SOURCE_SHOWN),
    ),
    Case("suppress_one", "/admin/suppressions", {"email": "at home"}, "email", ('value="at home"',)),
    Case(
        "import_suppressions",
        "/admin/suppressions/import",
        {"file": (io.BytesIO(b"\xff\xfe"), "l.csv")},
        "file",
    ),
    Case("change_subscriber", "/admin/subscribers/1/choices", SUBSCRIPTION, "zone", SUBSCRIPTION_SHOWN),
    Case(
        "add_subscriber",
        "/admin/subscribers/new",
        SUBSCRIPTION | {"email": "nobody at home", "zone": "Asia/Tashkent"},
        "email",
        (*SUBSCRIPTION_SHOWN, 'value="nobody at home"', 'value="Asia/Tashkent" selected'),
    ),
    Case("change_address", "/admin/subscribers/1/address", {"email": "@home"}, "email", ('value="@home"',)),
    Case("add_subscriber_note", "/admin/subscribers/1/notes", LONG_NOTE, "text", (LONG_NOTE["text"],)),
    Case("change_subscriber_note", "/admin/subscribers/1/notes/1", LONG_NOTE, "text", (LONG_NOTE["text"],)),
    Case("upload_import", "/admin/imports", {"file": (io.BytesIO(b"no list"), "a.csv")}, "file"),
    Case("set_edition_rate", "/admin/editions/1/rate", {"rate": "fast"}, "rate", ('value="fast"',)),
    Case("release_edition", "/admin/editions/2/send", {"at": "tomorrow"}, "at", ('value="tomorrow"',)),
    Case(
        "send_test",
        "/admin/preview/test",
        {"to": "nobody at home", "regions": ["kz"], "note": "A word", "slot": "s"},
        "to",
        ('value="nobody at home"', "A word"),
    ),
    Case(
        "add_account",
        "/admin/accounts",
        {"email": "nobody at home", "role": "manager"},
        "email",
        ('value="nobody at home"', '<option selected value="manager">'),
    ),
    Case(
        "add_region",
        "/admin/regions/new",
        REGION,
        "slug",
        (
            'value="silk road"',
            "de: Seide",
            'value="Old Road"',
            'value="kz" checked',
            'value="uz" checked',
            "ours</textarea>",
        ),
    ),
    Case(
        "change_region",
        "/admin/regions/eu",
        REGION | {"name": ""},
        "name",
        ("de: Seide", 'value="kz" checked'),
    ),
    Case(
        "check_compose",
        "/admin/compose",
        COMPOSE,
        "address",
        (
            'value="nobody at home"',
            "A word before</textarea>",
            'value="ge" checked',
            '<option selected value="6">',
        ),
    ),
    Case(
        "send",
        "/admin/compose/send",
        COMPOSE | {"slot": "s"},
        "address",
        ('value="nobody at home"', "A word before</textarea>"),
    ),
    Case(
        "draft",
        "/admin/compose/draft",
        COMPOSE | {"kind": "regions", "regions": [], "slot": "s"},
        "kind-0",
        ("A word before</textarea>",),
    ),
    Case(
        "change_day_notes",
        "/admin/notes",
        {"action": "save", "region": "ge", "subject": "s" * 79, "text": "A word"},
        "note-subject",
        (f'value="{"s" * 79}"', "A word</textarea>", '<option value="ge" selected>'),
    ),
    Case("set_own_language", "/admin/security/language", {"language": "la"}, "language"),
    Case("set_own_zone", "/admin/security/zone", {"zone": "Mars/Base"}, "zone"),
    Case(
        "sign_in",
        "/admin/sign-in",
        {"email": "me@example.org", "password": ""},
        "password",
        ('value="me@example.org"',),
        page="/admin/sign-in",
    ),
    Case("forgotten", "/admin/forgotten", {"email": ""}, "email", page="/admin/forgotten"),
]


@pytest.fixture
def news(world: World, parts: Parts) -> World:
    """An article about Kazakhstan and Peru, an edition that is being sent, and a frozen one."""
    world.article("Astana and Lima sign a treaty", ["KZ", "PE"])
    reader = world.subscriber(regions=["kz"])
    notes.add(
        parts.db, reader.id, "Called us once", writer=notes.Writer("admin@example.org"), now=parts.clock()
    )
    audience = Audience("everyone")
    for number in (1, 2):
        edition_id = manual_editions.create(
            parts.db, audience, note="", now=parts.clock(), idempotency_key=str(number), draft=True
        )
        assert edition_id == number
    with parts.db.begin() as tx:
        tx.execute(update(Edition).where(Edition.id == 1).values(state=EditionState.SENDING))
    freezing.freeze(parts.db, 2, parts.clock())
    freezing.write_digests(parts.db, parts.planner(), 2, parts.clock())
    return world


def check(app: Flask, admin: BrowserSession, case: Case) -> None:
    """Fail unless the form is shown again with its error and with what was typed."""
    browser = BrowserSession(app.test_client()) if case.page != "/admin/password" else admin
    answer = browser.post(case.path, case.form, form_page=case.page)
    assert 400 <= answer.status_code < 500, answer.location
    element = re.search(rf'<[^>]*\bid="{case.wrong}"[^>]*>', answer.text)
    assert element, answer.text
    if case.endpoint not in {"draft", "sign_in"}:  # their errors belong to a group of fields
        assert 'aria-invalid="true"' in element[0]
    assert "field-error" in answer.text or 'role="alert"' in answer.text
    assert [piece for piece in case.shown if piece not in answer.text] == []
    assert [piece for piece in case.missing if piece in answer.text] == []


def test_forms_with_errors_are_shown_again(
    app: Flask, admin: BrowserSession, news: World, subtests: pytest.Subtests
) -> None:
    for case in CASES:
        with subtests.test(case.endpoint):
            check(app, admin, case)


def test_every_form_of_the_newsroom_is_here(app: Flask) -> None:
    posts = {
        rule.endpoint.partition(".")[2]
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "POST" in (rule.methods or ())
    }
    assert posts == {case.endpoint for case in CASES} | BUTTONS
    assert all(f"admin.{name}" in ACCESS for name in posts)


def test_a_wrong_number_of_hours_keeps_the_rest_of_a_preview(editor: BrowserSession, news: World) -> None:
    page = editor.get("/admin/preview?regions=kz&hours=9999&note=A+word").text
    assert 'value="9999"' in page
    assert "A word</textarea>" in page
    assert 'id="preview-hours-error"' in page


def test_a_wrong_address_keeps_the_search_of_suppressions(manager: BrowserSession) -> None:
    page = manager.get("/admin/suppressions?q=nobody+at+home").text
    assert 'value="nobody at home"' in page
    assert 'id="search-q-error"' in page


def test_a_form_of_a_page_that_does_not_exist_shows_what_was_typed(editor: BrowserSession) -> None:
    answer = editor.post("/admin/articles/999/tags", {"more": "Georgia"})
    assert (answer.status_code, "no article 999" in answer.text) == (404, True)
    assert "<bdi>Georgia</bdi>" in answer.text
