"""The audit log; only admins see it."""

from flask import render_template

from digest.accounts import store
from digest.accounts.states import Role
from digest.admin.auth import role_required
from digest.admin.blueprint import bp
from digest.admin.template_filters import make_pager, page_number
from digest.parts import parts


@bp.get("/audit")
@role_required(Role.ADMIN)
def audit() -> str:
    """The entries of the audit log, newest first."""
    with parts().db.read() as tx:
        entries, total = store.audit_trail(tx, page=page_number())
    return render_template(
        "admin/audit.html", entries=entries, pages=make_pager(total, store.PAGE_SIZE, entries)
    )
