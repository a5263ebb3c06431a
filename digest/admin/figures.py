"""Figures of the last days as charts: subscribers who joined and left, mails by outcome, articles by source."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask import render_template, request
from flask_babel import gettext as _

from digest.admin.blueprint import bp
from digest.admin.charts import bar_chart, largest, last_days
from digest.admin.kept_values import kept_value
from digest.articles.store import daily_counts as article_counts
from digest.database import Tx
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import daily_counts as delivery_counts
from digest.parts import parts
from digest.sources.store import sources
from digest.subscribers.store import daily_counts as subscriber_counts

PERIODS = (7, 30, 90)  # days
# Days that are counted for each request. What is older hardly changes any more, and is kept for some minutes.
NEWEST_DAYS = 2


@bp.get("/figures")
def figures() -> str:
    """The charts of a period."""
    days = int(text) if (text := request.args.get("days", "")) in map(str, PERIODS) else 30
    today = parts().clock().astimezone(UTC).date()
    shown = last_days(today, days)
    since, newest = (
        datetime.combine(day, datetime.min.time(), UTC) for day in (shown[0], shown[-NEWEST_DAYS])
    )
    with parts().db.read() as tx:
        readers = _readers(tx, since, newest)
        mails = _mails(tx, since, newest)
        articles = largest(_articles(tx, since, newest), others=_("Other sources"))
    return render_template(
        "admin/figures.html",
        period=days,
        periods=PERIODS,
        charts=[
            ("readers", _("Subscribers who joined and left"), bar_chart(shown, readers)),
            ("mails", _("Mails by outcome"), bar_chart(shown, mails)),
            ("articles", _("Articles by source"), bar_chart(shown, articles)),
        ],
        first=since,
        last=since + timedelta(days=days - 1),
    )


def _readers(tx: Tx, since: datetime, newest: datetime) -> dict[str, dict[str, int]]:
    counts = {_("Joined"): subscriber_counts.joined_by_day, _("Left"): subscriber_counts.left_by_day}
    past = kept_value(
        f"subscribers of {(newest - since).days} days",
        lambda: [count_days(tx, since, newest) for count_days in counts.values()],
        of=(since, newest),
    )
    return {
        name: {**before, **count_days(tx, newest)}
        for (name, count_days), before in zip(counts.items(), past, strict=True)
    }


def _mails(tx: Tx, since: datetime, newest: datetime) -> dict[str, dict[str, int]]:
    names: Mapping[DeliveryState, str] = {
        DeliveryState.ACCEPTED: _("Accepted"),
        DeliveryState.PLANNED: _("Pending"),
        DeliveryState.REFUSED: _("Refused"),
        DeliveryState.EXPIRED: _("Expired"),
        DeliveryState.IN_DOUBT: _("In doubt"),
        DeliveryState.CANCELLED: _("Cancelled or skipped"),
        DeliveryState.SKIPPED: _("Cancelled or skipped"),
    }
    counts: dict[str, dict[str, int]] = {name: {} for name in names.values()}
    past = kept_value(
        f"mails of {(newest - since).days} days",
        lambda: delivery_counts.outcomes_by_day(tx, since, newest),
        of=(since, newest),
    )
    for day, by_state in {**past, **delivery_counts.outcomes_by_day(tx, newest)}.items():
        for state, count in by_state.items():
            of_name = counts[names[state]]
            of_name[day] = of_name.get(day, 0) + count
    return {name: by_day for name, by_day in counts.items() if by_day}


def _articles(tx: Tx, since: datetime, newest: datetime) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    titles = {source.id: source.title or source.url for source in sources.all_sources(tx)}
    past = kept_value(
        f"articles of {(newest - since).days} days",
        lambda: article_counts.by_source_and_day(tx, since, newest),
        of=(since, newest),
    )
    for by_source in (past, article_counts.by_source_and_day(tx, newest)):
        for source_id, by_day in by_source.items():
            of_title = counts.setdefault(titles.get(source_id, ""), {})  # two sources may have one title
            for day, count in by_day.items():
                of_title[day] = of_title.get(day, 0) + count
    return counts
