"""Notes on a subscriber: who may write and change them, where they are seen, and that they go with their subscriber."""

import logging

import pytest

from digest.admin import subscriber_notes
from digest.parts import Parts
from digest.subscribers import lifecycle
from digest.subscribers.store import notes as store
from tests.admin.test_undo import undo
from tests.builders import World
from tests.web.browser_session import BrowserSession

NOTES = "/admin/subscribers/1/notes"
PAGE = "/admin/subscribers/1"


def write(browser: BrowserSession, text: str) -> str:
    return browser.follow(browser.post(NOTES, {"text": text}, form_page=PAGE))


def texts(parts: Parts) -> list[str]:
    with parts.db.read() as tx:
        return [note.text for note in store.of_subscriber(tx, 1)]


def test_an_editor_writes_notes_which_everybody_in_the_newsroom_reads(
    editor: BrowserSession, manager: BrowserSession, world: World, parts: Parts
) -> None:
    world.subscriber()
    write(editor, "Rang on Monday.\r\nWants <fewer> mails.\n\n")
    write(editor, "Rang again.")
    assert texts(parts) == ["Rang again.", "Rang on Monday.\nWants <fewer> mails."]
    page = manager.get_page(PAGE)
    assert "Rang on Monday.\nWants &lt;fewer&gt; mails.</p>" in page
    assert "editor@example.org · " in page
    assert page.index("Rang again.") < page.index("Rang on Monday.")
    assert f'id="{subscriber_notes.PAGE_PART}"' in page  # where redirects lead


def test_a_note_is_changed_and_says_by_whom(
    editor: BrowserSession, manager: BrowserSession, world: World, parts: Parts
) -> None:
    world.subscriber()
    write(editor, "Rang.")
    assert ">Rang.</textarea>" in manager.get_page(f"{NOTES}/1")
    page = manager.follow(manager.post(f"{NOTES}/1", {"text": "Wrote."}, form_page=PAGE))
    assert "changed by manager@example.org" in page
    assert texts(parts) == ["Wrote."]
    assert "Nothing was changed." in manager.follow(
        manager.post(f"{NOTES}/1", {"text": "Wrote.\n"}, form_page=PAGE)
    )


def test_editors_change_their_own_notes_and_managers_all(
    editor: BrowserSession, manager: BrowserSession, world: World, parts: Parts
) -> None:
    world.subscriber()
    write(manager, "Mine.")
    assert f"{NOTES}/1" not in editor.get_page(PAGE)
    assert editor.get(f"{NOTES}/1").status_code == 409
    for path in (f"{NOTES}/1", f"{NOTES}/1/delete"):
        assert "Only manager@example.org and managers" in editor.follow(
            editor.post(path, {"text": "Ours."}, form_page=PAGE)
        ), path
    assert texts(parts) == ["Mine."]
    write(editor, "Yours.")
    manager.post(f"{NOTES}/2/delete", form_page=PAGE)
    assert texts(parts) == ["Mine."]


def test_a_deleted_note_comes_back_by_undo(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.subscriber()
    write(editor, "Rang.")
    page = editor.follow(editor.post(f"{NOTES}/1/delete", form_page=PAGE))
    assert "The note is deleted." in page
    assert texts(parts) == []
    answer = editor.post(f"{NOTES}/1", {"text": "Again."}, form_page=PAGE)
    assert (answer.status_code, "Again.</textarea>" in answer.text) == (404, True)
    assert texts(parts) == []
    assert "Rang." in undo(editor, page)


def test_a_note_of_another_subscriber_is_not_found(editor: BrowserSession, world: World) -> None:
    world.subscriber()
    world.subscriber()
    write(editor, "Rang.")
    assert editor.get("/admin/subscribers/2/notes/1").status_code == 404


def test_those_with_notes_are_found(editor: BrowserSession, world: World) -> None:
    for name in ("anna", "bela"):
        world.subscriber(f"{name}@example.com")
    write(editor, "Rang.")
    page = editor.get_page("/admin/subscribers?notes=1")
    assert "anna@<wbr>example.com" in page
    assert "bela@<wbr>example.com" not in page
    editor.post(f"{NOTES}/1/delete", form_page=PAGE)
    assert "No matches" in editor.get_page("/admin/subscribers?notes=1")


def test_notes_are_for_the_newsroom_and_in_the_file_that_subscribers_ask_for(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    reader = world.subscriber()
    write(editor, "Rang about a secret.")
    token = parts.links.token("owner", reader.public_id, parts.clock())
    for page in ("", "/data"):
        assert "a secret" not in editor.get_page(f"/preferences/{token}{page}")
    assert "a secret" in editor.get_page(f"/preferences/{token}/data.json")


def test_the_words_are_in_no_log_and_not_in_the_audit_trail(
    admin: BrowserSession, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.subscriber()
    with caplog.at_level(logging.DEBUG):
        write(admin, "Rang about a secret.")
        admin.post(f"{NOTES}/1", {"text": "Wrote about a secret."}, form_page=PAGE)
        admin.post(f"{NOTES}/1/delete", form_page=PAGE)
    trail = admin.get_page("/admin/audit")
    assert "note on subscriber added" in trail
    assert "a secret" not in trail + caplog.text


def test_notes_are_erased_with_their_subscriber(editor: BrowserSession, world: World, parts: Parts) -> None:
    reader = world.subscriber()
    write(editor, "Rang.")
    lifecycle.erase(parts.db, reader.public_id, secret=parts.settings.secret_key, now=parts.clock())
    assert texts(parts) == []
