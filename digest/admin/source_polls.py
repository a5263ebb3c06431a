"""The page with the history of a source's polls: a chart of the last days, and each poll, the newest first."""

from datetime import UTC, datetime, time

from flask import render_template, request, url_for
from flask_babel import gettext as _

from digest.admin import params
from digest.admin.blueprint import bp
from digest.admin.charts import bar_chart, last_days
from digest.parts import parts
from digest.retention import POLL_HISTORY
from digest.sources.store import polls
from digest.sources.store import sources as store
from digest.sources.store.polls import PollSort

PAGE_SIZE = 50  # rows


@bp.get("/sources/<int:source_id>/polls")
def source_polls(source_id: int) -> str:
    """The polls of a source, those of the last days also as a chart."""
    p, before = parts(), params.parse_int(request.args, "before")
    days = last_days(p.clock().astimezone(UTC).date(), POLL_HISTORY.days)
    with p.db.read() as tx:
        row = store.by_id(tx, source_id)
        rows = polls.page(tx, source_id, before=before, limit=PAGE_SIZE)
        counts = polls.count_by_day(tx, source_id, datetime.combine(days[0], time(), UTC))
    names = {
        PollSort.NEWS: _("with new or changed articles"),
        PollSort.NOTHING: _("nothing new"),
        PollSort.FAILED: _("failed"),
    }
    address = url_for("admin.source_polls", source_id=source_id)
    return render_template(
        "admin/source_polls.html",
        source=row,
        polls=rows[:PAGE_SIZE],
        chart=bar_chart(days, {name: counts[sort] for sort, name in names.items()}),
        newest=address if before is not None else "",
        older=f"{address}?before={rows[PAGE_SIZE - 1].id}" if len(rows) > PAGE_SIZE else "",
        kept_days=POLL_HISTORY.days,
    )
