"""Figures of the last days as charts: who joined and left, mails by outcome, feedback, articles and stories."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import render_template, request
from flask_babel import gettext as _

from digest.admin.blueprint import bp
from digest.admin.charts import bar_chart, largest, last_days
from digest.admin.form_choices import page_language, region_options
from digest.admin.kept_values import kept_value
from digest.articles import news_counts
from digest.articles.news_counts import NewsCounts
from digest.articles.states import CountedBy
from digest.articles.store.daily_news import NewsCount
from digest.database import Tx
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import daily_counts as delivery_counts
from digest.feedback.states import FeedbackKind
from digest.feedback.store import counts as feedback_counts
from digest.parts import parts
from digest.regions.tree.world_outlines import WORLD
from digest.sources.store import sources
from digest.subscribers.store import daily_counts as subscriber_counts

PERIODS = (7, 30, 90)  # days
# Days that are counted for each request. What is older hardly changes any more, and is kept for some minutes.
NEWEST_DAYS = 2


@dataclass(frozen=True, slots=True)
class FiguresQuery:
    """What the page shows."""

    days: int
    region: str  # whose parts are told apart
    counted: str  # a field of NewsCount


@bp.get("/figures")
def figures() -> str:
    """The charts of a period."""
    query = _read_query()
    today = parts().clock().astimezone(UTC).date()
    shown = last_days(today, query.days)
    since, newest = (
        datetime.combine(day, datetime.min.time(), UTC) for day in (shown[0], shown[-NEWEST_DAYS])
    )
    with parts().db.read() as tx:
        readers = _readers(tx, since, newest)
        mails = _mails(tx, since, newest)
        came_back = _feedback(tx, since)
        parts_of_region = parts().tree.parts_of(query.region)
        news, uncounted = news_counts.counts_by_day(
            tx, parts().tree, parts_of_region, shown[0], parts().clock()
        )
        by_source = _by_source(tx, news, query.counted)
    return render_template(
        "admin/figures.html",
        query=query,
        periods=PERIODS,
        region_nodes=region_options(),
        charts=[
            ("readers", _("Subscribers who joined and left"), bar_chart(shown, readers)),
            ("mails", _("Mails by outcome"), bar_chart(shown, mails)),
            ("feedback", _("Feedback"), bar_chart(shown, came_back)),
            ("regions", _("By region"), bar_chart(shown, _by_region(news, query.counted))),
            ("sources", _("By source"), bar_chart(shown, by_source)),
        ],
        uncounted=uncounted,
        accepted=sum(mails.get(_("Accepted"), {}).values()),
        first=since,
        last=since + timedelta(days=query.days - 1),
    )


def _read_query() -> FiguresQuery:
    days, counted = request.args.get("days", ""), request.args.get("count", "")
    return FiguresQuery(
        int(days) if days in map(str, PERIODS) else PERIODS[1],
        request.args.get("region", "") or WORLD,
        counted if counted in NewsCount._fields else NewsCount._fields[0],
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


def _feedback(tx: Tx, since: datetime) -> dict[str, dict[str, int]]:
    names = {
        FeedbackKind.BOUNCE: _("Bounced"),
        FeedbackKind.COMPLAINT: _("Complaints"),
        FeedbackKind.UNSUBSCRIBE: _("Unsubscribed"),
    }
    by_kind = feedback_counts.by_day(tx, since)
    return {name: dict(by_kind[kind]) for kind, name in names.items() if kind in by_kind}


def _by_region(news: NewsCounts, counted: str) -> dict[str, dict[str, int]]:
    tree, lang = parts().tree, page_language()
    regions = news[CountedBy.REGION].items()
    counts = {tree.name(slug, lang): _of_field(by_day, counted) for slug, by_day in regions}
    return largest(counts, _("Other regions"))


def _by_source(tx: Tx, news: NewsCounts, counted: str) -> dict[str, dict[str, int]]:
    titles = {str(source.id): source.title or source.url for source in sources.all_sources(tx)}
    counts: dict[str, dict[str, int]] = {}
    for source_id, by_day in news[CountedBy.SOURCE].items():
        # Two sources may have one title.
        of_title = counts.setdefault(titles.get(source_id, _("Deleted sources")), {})
        for day, count in _of_field(by_day, counted).items():
            of_title[day] = of_title.get(day, 0) + count
    return largest(counts, _("Other sources"))


def _of_field(by_day: Mapping[str, NewsCount], counted: str) -> dict[str, int]:
    return {day: getattr(count, counted) for day, count in by_day.items()}
