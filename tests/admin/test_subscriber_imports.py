"""Importing a list in the newsroom: upload, columns, dry run, consent, report, and undoing all of it within a day."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest

from digest.parts import Parts
from digest.subscribers import lifecycle
from digest.subscribers.imports import uploads
from digest.subscribers.models import ImportFile, ImportRemark, Subscriber
from digest.subscribers.store import subscribers
from tests.admin.import_steps import (
    CONSENT,
    LIST,
    choose,
    count,
    find,
    import_list,
    run_worker,
    upload,
)
from tests.builders import World
from tests.web.browser_session import BrowserSession


def test_a_list_is_checked_row_by_row_before_anybody_is_added(manager: BrowserSession, parts: Parts) -> None:
    import_id = upload(manager, ("list.csv", LIST))
    page = manager.get_page(f"/admin/imports/{import_id}/columns")
    assert "Email Address (recognised)" in page
    assert "<td>ann@r.example</td>" in page
    assert choose(manager, import_id).status_code == 302
    assert 'hx-trigger="every 1s"' in manager.get_page(f"/admin/imports/{import_id}")
    run_worker(parts)
    page = manager.get_page(f"/admin/imports/{import_id}")
    assert "What the import would do" in page
    assert "Import 2 subscribers" in page
    assert "line 3" in page
    assert find(parts, "ann@r.example") is None


def test_who_agreed_is_added_with_the_words_the_proof_and_the_dates(
    manager: BrowserSession, parts: Parts
) -> None:
    import_id = import_list(manager, parts)
    page = manager.get_page(f"/admin/imports/{import_id}")
    assert "The import is done" in page
    assert '<a href="/admin/subscribers">Show the newest subscribers</a>' in page
    assert "The week in Asia by mail; double opt-in at Mailchimp" in page
    ann = find(parts, "ann@r.example")
    assert ann
    assert (ann.state, ann.preferences.regions) == ("active", ["central-asia", "ge"])
    with parts.db.read() as tx:
        (consent,) = subscribers.consents(tx, ann)
    assert (consent.origin, consent.at.year) == ("192.0.2.7", 2024)
    assert consent.wording.startswith("The week in Asia by mail; double opt-in at Mailchimp; Mailchimp: ")
    assert count(parts, ImportFile) == 0
    assert "<td>ann@r.example</td>" not in page


def test_rows_that_were_left_out_can_be_corrected_and_run_nothing(
    manager: BrowserSession, parts: Parts
) -> None:
    import_id = import_list(manager, parts)
    text = manager.get(f"/admin/imports/{import_id}/rows.csv").get_data().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["Email Address"], row["First Name"], row["rejected line"]) == ("nobody", "'=cmd()", "3")
    assert "is not an e-mail address" in row["reason of the rejection"]
    import_list(manager, parts, text.replace("nobody", "now@r.example"))
    assert find(parts, "now@r.example")


def test_columns_with_odd_names_are_chosen_and_a_field_can_have_none(
    manager: BrowserSession, parts: Parts
) -> None:
    text = "Kontakt;Type\nann@r.example;customer\n"
    import_id = upload(manager, ("list.csv", text), program="other")
    answer = choose(manager, import_id)
    assert answer.status_code == 400
    assert "column" in manager.page_after(answer) if answer.status_code == 302 else "Kontakt" in answer.text
    choose(manager, import_id, column_email="=Kontakt", column_state="-")
    run_worker(parts)
    assert "Import 1 subscriber<" in manager.get_page(f"/admin/imports/{import_id}")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"default_regions": ""}, "default_regions"),
        ({"default_regions": "Atlantis"}, "default_regions"),
        ({"default_time": "07:10"}, "default_time"),
        ({"default_zone": "Mars/Base"}, "default_zone"),
    ],
)
def test_a_wrong_value_is_shown_beside_its_field(
    manager: BrowserSession, fields: dict[str, str], field: str
) -> None:
    answer = choose(manager, upload(manager, ("list.csv", LIST)), **fields)
    assert answer.status_code == 400
    assert f'id="columns-{field}-error"' in answer.text


@pytest.mark.parametrize(
    ("name", "octets", "words"),
    [
        ("list.xlsx", b"PK\x03\x04 no archive", "not a zip file"),
        ("list.csv", b"\x00\xff\x00", "truncated data"),
        ("list.csv", b"ann@r.example,Ann\n", "The first line must name the columns"),
        ("list.csv", b"email\n" + b'"' + b"x" * 200_000, "no CSV"),
        ("list.csv", b"email" + b",x" * 400 + b"\nann@r.example\n", "At most 300 are possible"),
        ("list.csv", b"email\n", "no rows"),
    ],
)
def test_a_file_that_is_no_list_is_refused(
    manager: BrowserSession, parts: Parts, name: str, octets: bytes, words: str
) -> None:
    sent = {"program": "other", "file": (io.BytesIO(octets), name)}
    answer = manager.post("/admin/imports", sent, form_page="/admin/imports")
    assert answer.status_code == 400
    assert words in answer.text, answer.text
    assert count(parts, ImportFile) == 0


def test_an_archive_that_grows_too_large_is_refused(
    manager: BrowserSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_UNPACKED", 1_000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", "email\n" + "a" * 2_000)
    sent = {"program": "other", "file": (io.BytesIO(buffer.getvalue()), "a.zip")}
    answer = manager.post("/admin/imports", sent, form_page="/admin/imports")
    assert "unpacked it has more than 1,000 octets" in answer.text


def test_nothing_is_imported_without_words_proof_and_tick(manager: BrowserSession, parts: Parts) -> None:
    import_id = upload(manager, ("list.csv", LIST))
    path = f"/admin/imports/{import_id}"
    manager.post(f"{path}/start", CONSENT, form_page=f"{path}/columns")  # not checked yet
    choose(manager, import_id)
    run_worker(parts)
    for missing in CONSENT:
        answer = manager.post(f"{path}/start", {**CONSENT, missing: ""}, form_page=path)
        assert answer.status_code == 400
        assert "start-consent-error" in answer.text
    run_worker(parts)
    assert count(parts, Subscriber) == 0


def test_uploads_and_left_out_rows_are_forgotten(manager: BrowserSession, parts: Parts, world: World) -> None:
    upload(manager, ("list.csv", LIST))
    import_list(manager, parts)
    assert (count(parts, ImportFile), count(parts, ImportRemark)) == (1, 1)
    world.clock.advance(days=8)  # type: ignore[attr-defined]  # the clock of tests
    uploads.forget(parts.db, parts.clock(), timedelta(days=1))
    assert (count(parts, ImportFile), count(parts, ImportRemark)) == (0, 0)


def test_an_erased_address_is_in_no_remark(manager: BrowserSession, parts: Parts) -> None:
    import_list(manager, parts, "email\nAnn@r.example\nann@r.example\n", program="other")
    assert count(parts, ImportRemark) == 1
    ann = find(parts, "ann@r.example")
    assert ann
    lifecycle.erase(parts.db, ann.public_id, secret=parts.settings.secret_key, now=parts.clock())
    assert count(parts, ImportRemark) == 0


def test_a_dry_run_of_columns_that_were_changed_meanwhile_does_not_count(
    manager: BrowserSession, parts: Parts
) -> None:
    import_id = upload(manager, ("list.csv", LIST))
    choose(manager, import_id)
    choose(manager, import_id, column_email="=First Name")
    run_worker(parts)
    page = manager.get_page(f"/admin/imports/{import_id}")
    assert "This list would change nothing" in page


def test_an_uploaded_list_can_be_thrown_away(manager: BrowserSession, parts: Parts) -> None:
    import_id = upload(manager, ("list.csv", LIST))
    manager.post(f"/admin/imports/{import_id}/discard", {}, form_page=f"/admin/imports/{import_id}/columns")
    assert count(parts, ImportFile) == 0
    assert manager.get(f"/admin/imports/{import_id}").status_code == 404


def test_editors_do_not_import(editor: BrowserSession) -> None:
    assert editor.get("/admin/imports").status_code == 403
    assert "Import subscribers" not in editor.get_page("/admin/subscribers")
