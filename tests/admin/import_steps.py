"""The steps of an import in the newsroom, and what is in the database after it."""

import io
import re
from typing import Any

from sqlalchemy import func, select

from digest.parts import Parts
from digest.subscribers.imports import work
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import address_hash, parse_address
from digest.subscribers.store import subscribers, suppressions
from tests.web.browser_session import BrowserSession

LIST = (
    "Email Address,First Name,OPTIN_TIME,CONFIRM_TIME,CONFIRM_IP\n"
    "ann@r.example,Ann,2024-02-29 08:00:00,2024-03-01 10:00:00,192.0.2.7\n"
    "nobody,=cmd(),2024-02-29 08:00:00,,\n"
    "bob@r.example,Bob,,,\n"
)
CONSENT = {"consent": "The week in Asia by mail", "proof": "double opt-in at Mailchimp", "agreed": "yes"}


def upload(session: BrowserSession, *files: tuple[str, str | bytes], program: str = "mailchimp") -> int:
    """The id of an import whose columns are still to be chosen."""
    sent = [(io.BytesIO(text.encode() if isinstance(text, str) else text), name) for name, text in files]
    answer = session.post("/admin/imports", {"program": program, "file": sent}, form_page="/admin/imports")
    assert answer.status_code == 302, answer.text
    found = re.search(r"/admin/imports/(\d+)/columns", answer.location)
    assert found
    return int(found[1])


def choose(session: BrowserSession, import_id: int, **fields: str) -> Any:
    path = f"/admin/imports/{import_id}/columns"
    return session.post(path, {"default_regions": "Central Asia, GE", **fields}, form_page=path)


def run_worker(parts: Parts) -> None:
    work.work_on_all(parts.db, parts.import_rules(), parts.clock)


def import_list(session: BrowserSession, parts: Parts, text: str = LIST, program: str = "mailchimp") -> int:
    import_id = upload(session, ("list.csv", text), program=program)
    choose(session, import_id)
    run_worker(parts)
    path = f"/admin/imports/{import_id}"
    assert session.post(f"{path}/start", CONSENT, form_page=path).status_code == 302
    run_worker(parts)
    return import_id


def undo(session: BrowserSession, parts: Parts, import_id: int) -> str:
    path = f"/admin/imports/{import_id}/undo"
    session.post(path, {}, form_page=path)
    run_worker(parts)
    return session.get_page(f"/admin/imports/{import_id}")


def find(parts: Parts, email: str) -> Subscriber | None:
    with parts.db.read() as tx:
        return subscribers.find_by_address(tx, parse_address(email))


def count(parts: Parts, table: Any) -> int:
    with parts.db.read() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def is_suppressed(parts: Parts, email: str) -> bool:
    with parts.db.read() as tx:
        key = address_hash(parts.settings.secret_key, parse_address(email).key)
        return suppressions.find_by_hash(tx, key) is not None
