"""Notes of the day in the newsroom, from the form to the mail, the web edition and the previews."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from digest.accounts.models import AuditEntry
from digest.articles.bulk_moderation import set_hidden
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending import delivery_sender
from digest.editions.models import Digest
from digest.editions.pure.day_notes import DayNote
from digest.editions.store import day_notes
from digest.mail import outbox
from digest.parts import Parts
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import CSRF_FIELD, BrowserSession, sign_in_as

STYLING = re.compile(r' (style|class|dir)="[^"]*"')
NOTE = "Good **morning**, see [our list](https://example.org/?a=1&b=2).\n\n- one <i>\n- two"
IN_HTML = 'Good <strong>morning</strong>, see <a href="https://example.org/?a=1&amp;b=2"'
IN_TEXT = "Good morning, see our list (https://example.org/?a=1&b=2).\n\n- one <i>\n- two"


def save(editor: BrowserSession, **form: str) -> str:
    """The page after saving a note without JavaScript."""
    return editor.follow(editor.post("/admin/notes", {"action": "save"} | form, form_page="/admin/notes"))


def sent(parts: Parts) -> dict[str, tuple[str, str, str]]:
    """Subject, HTML and text of each mail by its recipient, after sending what is due."""
    plan_due(parts.db, parts.planner(), parts.clock())
    while delivery_sender.send_due(parts.db, parts.sending).claimed:
        pass
    return {
        mail.to: (mail.subject, STYLING.sub("", mail.html), mail.text.replace("\r\n", "\n"))
        for mail in outbox.listing(parts.settings.outbox)
    }


def web_edition(app: Flask, parts: Parts, place: int = 0) -> str:
    with parts.db.read() as tx:
        public_id = list(tx.scalars(select(Digest.public_id).order_by(Digest.id)))[place]
    page = app.test_client().get(f"/read/{public_id}").text
    return STYLING.sub("", page)


def test_a_note_and_subject_for_all_are_in_mail_and_web_edition(
    app: Flask, editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Astana plants trees", ["KZ"])
    world.subscriber("ann@example.com")
    page = save(editor, region="world", subject="  Trees\r\nBcc: x@example.org ", text=NOTE)
    assert "The note for all readers is saved." in page
    assert IN_HTML in STYLING.sub("", page)
    subject, html, text = sent(parts)["ann@example.com"]
    assert subject == "Trees Bcc: x@example.org"
    assert IN_HTML in html
    assert "<li>one &lt;i&gt;</li>" in html
    assert IN_TEXT in text
    page = web_edition(app, parts)
    assert IN_HTML in page
    assert "<title>Trees Bcc: x@example.org</title>" in page


def test_a_region_has_its_note_beside_that_for_all(
    app: Flask, editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Astana plants trees", ["KZ"])
    world.article("Telavi opens its cellar", ["GE"])
    world.subscriber("ann@example.com", ["kz"])
    world.subscriber("bob@example.com", ["ge"])
    save(editor, region="world", text="Hello all")
    save(editor, region="central-asia", text="Hello Asia", subject="Only for Asia")
    mails = sent(parts)
    assert mails["ann@example.com"][0] == "Only for Asia"
    assert mails["bob@example.com"][0] == "Telavi opens its cellar"
    assert re.search(r"<p>Hello all</p>\s*<p>Hello Asia</p>", mails["ann@example.com"][1])
    assert "Hello all" in mails["bob@example.com"][1]
    assert "Hello Asia" not in "".join(mails["bob@example.com"])
    for path in ("mail.html", "mail.txt"):
        assert "Hello Asia" in editor.get_page(f"/admin/preview/{path}?regions=kz")
        assert "Hello Asia" not in editor.get_page(f"/admin/preview/{path}?regions=ge")
    assert "Only for Asia" in editor.get_page("/admin/preview?regions=kz&regions=ge")


def test_a_note_ends_at_midnight_and_sent_digests_keep_theirs(
    app: Flask, editor: BrowserSession, world: World, parts: Parts, clock: StoppedClock
) -> None:
    world.article("Astana plants trees", ["KZ"])
    world.subscriber("ann@example.com")
    save(editor, region="world", text="Only today")
    sent(parts)
    midnight = clock().replace(hour=0, minute=0) + timedelta(days=1)
    clock.advance(seconds=(midnight - clock()).total_seconds())
    world.article("A day later", ["KZ"])
    world.subscriber("bob@example.com")
    assert "Only today" not in sent(parts)["bob@example.com"][1]
    assert "Only today" in web_edition(app, parts)
    assert "Only today" not in web_edition(app, parts, -1)
    assert "Only today" not in sign_in_as(app, "viewer").get_page("/admin/notes")


def test_the_editors_subject_stays_when_a_story_is_hidden(
    app: Flask, editor: BrowserSession, world: World, parts: Parts
) -> None:
    for title in ("Astana plants trees", "Osh mends a bridge"):
        world.article(title, ["KZ", "KG"])
    world.subscriber("ann@example.com")
    save(editor, region="world", subject="An editor's words")
    plan_due(parts.db, parts.planner(), parts.clock())
    set_hidden(parts.db, [1], hidden=True, now=parts.clock())
    assert sent(parts)["ann@example.com"][0] == "An editor's words"
    assert "<title>An editor&#39;s words</title>" in web_edition(app, parts)


def test_a_change_applies_to_what_is_composed_after_it(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Astana plants trees", ["KZ"])
    world.subscriber("ann@example.com")
    save(editor, region="world", text="First words")
    plan_due(parts.db, parts.planner(), parts.clock())
    save(editor, region="world", text="Better words")
    world.subscriber("bob@example.com", ["kz"])
    mails = sent(parts)
    assert "First words" in mails["ann@example.com"][1]
    assert "Better words" in mails["bob@example.com"][1]


def test_taking_back_and_undo_restore_what_was_there(editor: BrowserSession, parts: Parts) -> None:
    save(editor, region="ge", text="First", subject="One")
    page = save(editor, region="ge", text="Second")
    page = editor.follow(editor.post("/admin/notes", undo_fields(page), form_page="/admin/notes"))
    assert [(note.text, note.subject) for note in in_force(parts)] == [("First", "One")]
    page = save(editor, region="ge", action="remove")
    assert "The note for Georgia is taken back." in page
    assert in_force(parts) == []
    editor.post("/admin/notes", undo_fields(page), form_page="/admin/notes")
    assert [note.text for note in in_force(parts)] == ["First"]
    with parts.db.read() as tx:
        entries = list(tx.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(2)))
    assert {entry.action for entry in entries} == {"note of the day changed"}
    assert (entries[1].before, entries[1].after) == (
        {"note": "First", "subject": "One"},
        {"note": "", "subject": ""},
    )


def post_by_htmx(editor: BrowserSession, form: dict[str, str]) -> str:
    token = CSRF_FIELD.search(editor.get_page("/admin/notes"))
    assert token
    headers = {"HX-Request": "true", "Referer": "https://news.example.org/admin/today"}
    data = form | {"csrf_token": token[1]}
    return editor.client.post(
        "/admin/notes", data=data, base_url="https://news.example.org", headers=headers
    ).text


def undo_fields(page: str) -> dict[str, str]:
    form = re.search(r'<form class="undo".*?</form>', page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    return {name: value for name, value in fields.items() if name != "csrf_token"}


def in_force(parts: Parts) -> list[DayNote]:
    with parts.db.read() as tx:
        return list(day_notes.in_force(tx, parts.clock()))


@pytest.mark.parametrize(
    ("form", "field", "error"),
    [
        ({"text": "x" * 1001}, "text", "At most 1000 characters."),
        ({"subject": "s" * 79, "text": "kept"}, "subject", "At most 78 characters."),
        ({"text": " \n- ", "subject": " "}, "text", "Write a note or a subject"),
        ({"region": "atlantis", "text": "kept"}, "region", "atlantis"),
        ({"action": "restore", "region": "ge", "note": "99"}, "region", "no longer kept"),
        ({"action": "burn", "text": "kept"}, "text", "is no action"),
    ],
)
def test_a_wrong_note_is_shown_again(
    editor: BrowserSession, parts: Parts, form: dict[str, str], field: str, error: str
) -> None:
    answer = editor.post(
        "/admin/notes", {"action": "save", "region": "world"} | form, form_page="/admin/notes"
    )
    assert 400 <= answer.status_code < 500
    assert error in answer.text
    assert f'id="note-{field}-error"' in answer.text
    assert form.get("text", "") in answer.text
    assert in_force(parts) == []


def test_a_preview_saves_nothing_and_htmx_gets_only_the_part(editor: BrowserSession, parts: Parts) -> None:
    form = {"action": "preview", "region": "world", "desk": "ge", "text": "So **bold**"}
    answer = post_by_htmx(editor, form)
    assert "So <strong>bold</strong>" in answer
    assert "So **bold**</textarea>" in answer
    assert "<html" not in answer
    assert in_force(parts) == []
    saved = post_by_htmx(editor, form | {"action": "save"})
    assert "The note for all readers is saved." in saved
    assert 'hx-post="/admin/notes"' in editor.get_page("/admin/today?region=ge")


def test_viewers_see_the_notes_and_change_none(app: Flask, editor: BrowserSession) -> None:
    save(editor, region="world", text="Seen by all")
    viewer = sign_in_as(app, "viewer")
    page = viewer.get_page("/admin/notes")
    assert "Seen by all" in page
    assert "<textarea" not in page
    assert viewer.post("/admin/notes", {"action": "remove"}, form_page="/admin/notes").status_code == 403


def test_manual_editions_have_a_note_of_their_own(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.article("Astana plants trees", ["KZ"])
    world.subscriber("ann@example.com", next_due_at=parts.clock() + timedelta(hours=5))
    save(editor, region="world", text="Of the day", subject="Subject of the day")
    assert "Of the day" not in editor.get_page("/admin/preview/mail.txt?regions=kz&note=Of+the+edition")
    edition_id = manual_editions.create(
        parts.db, Audience("everyone"), note="Of the *edition*", now=parts.clock()
    )
    manual_editions.plan(parts.db, parts.planner(), edition_id, parts.clock())
    subject, html, text = sent(parts)["ann@example.com"]
    assert subject == "Astana plants trees"
    assert "<p>Of the <em>edition</em></p>" in html
    assert "Of the day" not in html + text
    assert "<em>edition</em>" in editor.get_page(f"/admin/editions/{edition_id}")
