"""How often stories were opened, week by week: in all, by region, by source, by edition, and the most opened ones."""

from collections.abc import Collection
from datetime import UTC, date, timedelta
from typing import Any, NamedTuple

from flask import render_template, request
from flask_babel import gettext as _

from digest.admin.blueprint import bp
from digest.admin.charts import MAX_SERIES, bar_chart, largest
from digest.admin.form_choices import page_language, region_options
from digest.articles.pure.shown_story import ShownStory
from digest.articles.store import articles
from digest.database import Tx
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import deliveries
from digest.editions.models import Edition
from digest.editions.store.pages import editions_by_id
from digest.opens import store
from digest.opens.folding import FEWEST_MAILS
from digest.opens.states import Subject
from digest.opens.store import Opens
from digest.parts import parts
from digest.sources.store import sources

PERIODS = (4, 13, 26, 52)  # weeks
WORLD = "world"
MAX_STORIES = 20
MAX_EDITIONS = 30
WEEK = timedelta(days=7)


class EditionOpens(NamedTuple):
    """An edition, the mails that were accepted, and how often its stories were opened."""

    edition: Edition
    mails: int
    opens: Opens


@bp.get("/opens")
def opens() -> str:
    """The charts and tables of a period."""
    count = int(text) if (text := request.args.get("weeks", "")) in map(str, PERIODS) else PERIODS[1]
    weeks = _last_weeks(parts().clock().astimezone(UTC).date(), count)
    region = request.args.get("region", "") or WORLD
    since = weeks[0].isoformat()
    with parts().db.read() as tx:
        charts = [
            ("all", _("All stories"), bar_chart(weeks, _in_all(tx, since))),
            ("regions", _("By region"), bar_chart(weeks, _by_region(tx, region, since))),
            ("sources", _("By source"), bar_chart(weeks, _by_source(tx, since))),
        ]
        most_opened = _most_opened(tx, since)
        of_editions = _by_edition(tx, max(since, weeks[-PERIODS[0]].isoformat()))
    return render_template(
        "admin/opens.html",
        period=count,
        periods=PERIODS,
        region=region,
        region_nodes=region_options(),
        charts=charts,
        stories=most_opened,
        editions=of_editions,
        fewest_mails=FEWEST_MAILS,
        has_counts=bool(charts[0][2].total or most_opened or of_editions),
        is_on=parts().settings.count_opens,
    )


def story_opens(tx: Tx, story_ids: Collection[int]) -> dict[int, Opens]:
    """How often stories were opened, by id, while that is counted."""
    if not parts().settings.count_opens:
        return {}
    counts = store.totals(tx, Subject.STORY, [str(story_id) for story_id in story_ids])
    return {int(key): of_story for key, of_story in counts.items()}


def _last_weeks(today: date, count: int) -> tuple[date, ...]:
    """The Mondays of the weeks up to and including this one."""
    monday = today - timedelta(days=today.weekday())
    return tuple(monday - n * WEEK for n in range(count - 1, -1, -1))


def _visitors(tx: Tx, subject: Subject, since: str, keys: Collection[str] | None = None) -> Any:
    """By key and week, by how many visitors stories were opened."""
    rows = store.by_week(tx, subject, since, keys).items()
    return {key: {week: counts.visitors for week, counts in weeks.items()} for key, weeks in rows}


def _in_all(tx: Tx, since: str) -> dict[str, dict[str, int]]:
    weeks = store.by_week(tx, Subject.ALL, since).get("", {})
    return {
        _("Visitors"): {week: c.visitors for week, c in weeks.items()},
        _("Repeated opens"): {week: c.opens - c.visitors for week, c in weeks.items()},
        _("By programs"): {week: c.machines for week, c in weeks.items()},
    }


def _by_region(tx: Tx, slug: str, since: str) -> dict[str, dict[str, int]]:
    tree, lang = parts().tree, page_language()
    counts = _visitors(tx, Subject.REGION, since, tree.parts_of(slug))
    return largest({tree.name(key, lang): weeks for key, weeks in counts.items()}, others=_("Other regions"))


def _by_source(tx: Tx, since: str) -> dict[str, dict[str, int]]:
    """The sources that were opened most, and all others together."""
    keys = [key for key, _counts in store.most_opened(tx, Subject.SOURCE, since, MAX_SERIES - 1)]
    rest = store.visitors_by_week(tx, Subject.SOURCE, since)
    rows = sources.by_ids(tx, {int(key) for key in keys})
    titles = {str(source.id): source.title or source.url for source in rows}
    counts: dict[str, dict[str, int]] = {}
    for key, weeks in _visitors(tx, Subject.SOURCE, since, keys).items():
        of_title = counts.setdefault(titles.get(key, _("Deleted sources")), {})  # two may have one title
        for week, count in weeks.items():
            of_title[week] = of_title.get(week, 0) + count
            rest[week] -= count
    return largest(counts, others="") | ({_("Other sources"): rest} if any(rest.values()) else {})


def _most_opened(tx: Tx, since: str) -> list[tuple[ShownStory, Opens]]:
    rows = store.most_opened(tx, Subject.STORY, since, MAX_STORIES)
    shown = articles.current_stories(tx, [int(key) for key, _counts in rows])
    return [(shown[int(key)], counts) for key, counts in rows if int(key) in shown]


def _by_edition(tx: Tx, since: str) -> list[EditionOpens]:
    """The newest editions that were counted by themselves."""
    counts = store.newest_editions(tx, since, MAX_EDITIONS)
    rows = editions_by_id(tx, counts)
    mails = deliveries.count_by_state(tx, list(rows))
    return [
        EditionOpens(rows[edition_id], mails[edition_id].get(DeliveryState.ACCEPTED, 0), of_edition)
        for edition_id, of_edition in counts.items()
        if edition_id in rows
    ]
