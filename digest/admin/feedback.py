"""Feedback from mail servers and subscribers: totals by reason and by domain, and all events."""

from datetime import timedelta

from flask import render_template, request

from digest.admin import params
from digest.admin.blueprint import bp
from digest.admin.template_filters import make_pager, page_number
from digest.feedback.states import FeedbackKind
from digest.feedback.store import counts
from digest.feedback.store import feedback as store
from digest.feedback.store.feedback import FeedbackSelection
from digest.parts import parts

REPORT_WINDOW = timedelta(days=30)
FILTER_KINDS = (FeedbackKind.BOUNCE, FeedbackKind.COMPLAINT, FeedbackKind.UNSUBSCRIBE)
MAX_FILTER_LENGTH = 253  # characters; no domain is longer


@bp.get("/feedback")
def feedback() -> str:
    """The totals of the last 30 days, and the events that match the filters, newest first."""
    p, kind = parts(), request.args.get("kind", "")
    filters = FeedbackSelection(
        FeedbackKind(kind) if kind in FILTER_KINDS else None,
        reason=request.args.get("reason", "").strip()[:MAX_FILTER_LENGTH],
        domain=request.args.get("domain", "").strip()[:MAX_FILTER_LENGTH],
        edition_id=params.parse_int(request.args, "edition"),
    )
    with p.db.read() as tx:
        since = p.clock() - REPORT_WINDOW
        reasons, domains = counts.count_by_reason(tx, since), counts.count_by_domain(tx, since)
        rows, total = store.newest(tx, filters, page=page_number())
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
