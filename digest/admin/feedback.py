"""What came back: how much, why and from where, and each piece of it."""

from collections.abc import Sequence
from datetime import timedelta

from flask import render_template, request

from digest.admin.blueprint import bp
from digest.admin.template_filters import page_number, pages
from digest.feedback import store
from digest.parts import parts

MONTH = timedelta(days=30)
KINDS: Sequence[str] = ("bounce", "complaint", "unsubscribe")


@bp.get("/feedback")
def feedback() -> str:
    """Figures of the last 30 days, and what came back, newest first."""
    p = parts()
    asked = {name: request.args.get(name, "").strip()[:253] for name in ("kind", "domain", "reason")}
    with p.db.read() as tx:
        since = p.reader.clock() - MONTH
        reasons, domains = store.by_reason(tx, since), store.by_domain(tx, since)
        rows, total = store.newest(tx, **asked, page=page_number())
    return render_template(
        "admin/feedback.html",
        reasons=reasons,
        domains=domains,
        rows=rows,
        asked=asked,
        kinds=KINDS,
        pages=pages(total, store.PAGE, rows),
        reads=p.settings.reads_mail,
    )
