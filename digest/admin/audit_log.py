"""Adds entries to the audit trail: what a page did, and a plain entry if the page itself recorded nothing."""

import re

from flask import Flask, Response, g, request
from flask_login import current_user

from digest.accounts import audit
from digest.accounts.audit import NO_DETAILS, Change
from digest.admin.blueprint import bp
from digest.parts import parts

# Posts of these either change nothing or record security events themselves.
UNRECORDED_ENDPOINTS = frozenset((
    "admin.check_compose", "admin.try_source", "admin.try_source_change", "admin.preview_look", "admin.sign_in",
    "admin.second_step", "admin.confirm_identity", "admin.forgotten", "admin.choose_password",
    "admin.sign_out", "admin.password", "admin.set_up_app",
    "admin.remove_app", "admin.add_passkey", "admin.remove_passkey", "admin.renew_recovery_codes",
    "admin.add_account", "admin.set_account_role", "admin.set_account_state", "admin.send_reset",
    "admin.remove_second_factor", "admin.add_token", "admin.revoke_token",
))  # fmt: skip


PAGES = {
    "article": "articles", "edition": "editions", "source": "sources", "story": "stories", "subscriber": "subscribers",
}  # fmt: skip
TARGET = re.compile(rf"({'|'.join(PAGES)}) (\d+)\b")


def record_action(action: str, target: object = "", change: Change = NO_DETAILS) -> None:
    """Record what the signed-in account has just done. The entry links to the page about `target`."""
    p = parts()
    link = change.link or _target_link(str(target)) or _page_link()
    change = Change(link, change.before, change.after)
    with p.db.begin() as tx:
        audit.record(tx, current_user.actor(), action, str(target), now=p.clock(), change=change)
    g.is_recorded = True


def register(app: Flask) -> None:
    """Record each post to the newsroom that succeeded and that its page did not record."""
    app.after_request_funcs.setdefault(bp.name, []).append(_record_unrecorded)


def _record_unrecorded(response: Response) -> Response:
    is_change = request.method not in ("GET", "HEAD", "OPTIONS") and response.status_code < 400
    if not is_change or g.get("is_recorded") or g.get("has_failed") or not current_user.is_authenticated:
        return response
    if request.endpoint not in UNRECORDED_ENDPOINTS:
        record_action((request.endpoint or "").partition(".")[2].replace("_", " "), request.path)
    return response


def _target_link(target: str) -> str:
    """The path of the page about a target that begins with "edition 7", for example; "" if it has none."""
    found = TARGET.match(target)
    return f"/admin/{PAGES[found[1]]}/{found[2]}" if found else ""


def _page_link() -> str:
    """The path of the thing that a form was about: "/admin/sources/3" of "/admin/sources/3/stop"."""
    parts_of_path = request.path.split("/")
    ids = [i for i, part in enumerate(parts_of_path) if part.isdecimal()]
    return "/".join(parts_of_path[: ids[0] + 1]) if ids else "/".join(parts_of_path[:3])
