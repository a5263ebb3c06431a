"""Feedback from mail servers and subscribers: totals by reason and by domain, and all events."""

from datetime import timedelta

from flask import render_template, request

from digest.admin.blueprint import bp
from digest.admin.template_filters import make_pager, page_number
from digest.feedback import store
from digest.feedback.states import FeedbackKind
from digest.parts import parts

REPORT_WINDOW = timedelta(days=30)
FILTER_KINDS = (FeedbackKind.BOUNCE, FeedbackKind.COMPLAINT, FeedbackKind.UNSUBSCRIBE)
MAX_FILTER_LENGTH = 253  # characters; no domain is longer


@bp.get("/feedback")
def feedback() -> str:
    """The totals of the last 30 days, and the events that match the filters, newest first."""
    p = parts()
    filters = {
        name: request.args.get(name, "").strip()[:MAX_FILTER_LENGTH] for name in ("kind", "domain", "reason")
    }
    with p.db.read() as tx:
        since = p.clock() - REPORT_WINDOW
        reasons, domains = store.count_by_reason(tx, since), store.count_by_domain(tx, since)
        rows, total = store.newest(tx, **filters, page=page_number())
    return render_template(
        "admin/feedback.html",
        reasons=reasons,
        domains=domains,
        rows=rows,
        filters=filters,
        kinds=FILTER_KINDS,
        pages=make_pager(total, store.PAGE_SIZE, rows),
        reads_mailbox=p.settings.receives_feedback_mail,
    )
