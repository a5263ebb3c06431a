"""Who did what and when; for admins."""

from flask import render_template

from digest.accounts import store
from digest.admin.auth import role_required
from digest.admin.blueprint import bp
from digest.admin.template_filters import page_number, pages
from digest.parts import parts


@bp.get("/audit")
@role_required("admin")
def audit() -> str:
    """The audit trail, newest first."""
    with parts().db.read() as tx:
        entries, total = store.trail(tx, page=page_number())
    return render_template("admin/audit.html", entries=entries, pages=pages(total, store.PAGE, entries))
