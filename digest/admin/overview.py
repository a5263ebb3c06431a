"""The first page of the newsroom: figures of today, and notices about what needs attention."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from digest import clock_differences
from digest.admin.blueprint import bp
from digest.admin.kept_values import kept_value
from digest.admin.numbers import ngettext
from digest.admin.texts import translated
from digest.articles import source_status
from digest.articles.source_status import SourceStatus
from digest.articles.store import articles
from digest.clock_differences import DATABASE
from digest.database import Tx
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import deliveries
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.editions.store import editions
from digest.feedback.store import counts as feedback_counts
from digest.feedback.store.counts import FeedbackCounts
from digest.local_requests import is_forwarded
from digest.look.pure.look import ALL_LANGUAGES
from digest.monitoring.condition import load_condition
from digest.monitoring.pure.problems import Problem, join_line
from digest.monitoring.states import ProblemLevel, ProblemName
from digest.parts import Parts, parts
from digest.sources.pure.schedule.source_health import HealthCondition
from digest.subscribers import letter_requests
from digest.subscribers.store import letter_requests as letter_requests_store
from digest.subscribers.store import subscribers

LAST_DAY = timedelta(days=1)
# So many subscribers are counted anew only after minutes, as it takes PostgreSQL 90 ms for 500,000.
MANY_SUBSCRIBERS = 20_000
MAX_DUE_TIMES = 6  # times listed under "Next deliveries"


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures and notices on the page."""

    sources: Sequence[SourceStatus]
    article_count: int
    subscriber_counts: Mapping[str, int]  # by state
    delivery_counts: Mapping[DeliveryState, int]
    feedback: FeedbackCounts
    sending_editions: Sequence[Edition]
    progress: Mapping[int, Mapping[DeliveryState, int]]  # deliveries by edition and state
    next_due: Sequence[tuple[datetime, int]]
    notices: Sequence["OverviewNotice"]


@dataclass(frozen=True, slots=True)
class OverviewNotice:
    """Something that needs attention, with a link to the page for it."""

    level: Literal["error", "warning"]
    text: str
    url: str = ""
    link_text: str = ""


@bp.get("/")
def overview() -> str:
    """The overview of today."""
    p = parts()
    now = p.clock()
    # The broker is asked before the transaction.
    condition = load_condition(p.db, current_app.extensions["celery"], now)
    machine_notices = [*_clock_notices(p), *_proxy_notices(p), *_setup_notices(p)]
    machine_notices[:0] = _condition_notices(condition.problems)
    with p.db.read() as tx:
        loaded = _load_overview(tx, now, machine_notices)
        return render_template("admin/overview.html", overview=loaded)


def _load_overview(tx: Tx, now: datetime, machine_notices: Sequence["OverviewNotice"]) -> Overview:
    statuses, sending = source_status.list_statuses(tx, now), editions.in_state(tx, EditionState.SENDING)
    return Overview(
        sources=statuses,
        article_count=articles.count_since(tx, now - LAST_DAY),
        subscriber_counts=_count_subscribers(tx),
        delivery_counts=deliveries.count_final_since(tx, now - LAST_DAY),
        feedback=feedback_counts.count_since(tx, now - LAST_DAY),
        sending_editions=sending,
        progress=deliveries.count_by_state(tx, [edition.id for edition in sending]),
        next_due=subscribers.next_due_counts(tx, now + LAST_DAY, MAX_DUE_TIMES),
        notices=[
            *machine_notices,
            *_source_notices(statuses),
            *_edition_notices(tx, now),
            *_letter_notices(tx, now),
        ],
    )


def _count_subscribers(tx: Tx) -> Mapping[str, int]:
    return kept_value(
        "subscribers by state",
        lambda: subscribers.count_by_state(tx),
        is_kept=lambda counts: sum(counts.values()) >= MANY_SUBSCRIBERS,
    )


def _condition_notices(problems: Sequence[Problem]) -> Iterator[OverviewNotice]:
    """What is late or does not work. Sources in trouble are left out, because the page counts those that fail."""
    for problem in problems:
        level: Literal["error", "warning"] = "error" if problem.level == ProblemLevel.ERROR else "warning"
        if problem.name == ProblemName.EDITION_STOPPED:
            url = url_for("admin.edition", edition_id=problem.subject)
            yield OverviewNotice(level, _describe(problem), url, _("Show edition"))
        elif problem.name != ProblemName.SOURCE_IN_TROUBLE:
            yield OverviewNotice(level, _describe(problem))


def _describe(problem: Problem) -> str:
    """What is wrong, why, and what to do, as a line in the language of the page."""
    parts = (translated(problem.text), translated(problem.reason), translated(problem.advice))
    return join_line(*parts)


def _source_notices(statuses: Sequence[SourceStatus]) -> Iterator[OverviewNotice]:
    conditions = Counter(status.health.condition for status in statuses)
    if failing := conditions[HealthCondition.FAILING]:
        text = ngettext("%(num)s source can't be fetched.", "%(num)s sources can't be fetched.", failing)
        yield OverviewNotice(
            "warning", text, url_for("admin.sources", condition="failing"), _("Show sources")
        )
    if held := conditions[HealthCondition.HELD]:
        text = ngettext(
            "%(num)s source has held articles. Release or drop them.",
            "%(num)s sources have held articles. Release or drop them.",
            held,
        )
        yield OverviewNotice("warning", text, url_for("admin.sources", condition="held"), _("Show sources"))


def _edition_notices(tx: Tx, now: datetime) -> Iterator[OverviewNotice]:
    if refused := deliveries.count_final_since(tx, now - LAST_DAY).get(DeliveryState.REFUSED, 0):
        text = ngettext(
            "%(num)s mail was refused in the last 24 hours.",
            "%(num)s mails were refused in the last 24 hours.",
            refused,
        )
        yield OverviewNotice("warning", text, url_for("admin.editions"), _("Show editions"))


def _clock_notices(p: Parts) -> Iterator[OverviewNotice]:
    for found in clock_differences.find_differences(p, current_app.extensions["celery"]):
        machine = _("the database") if found.machine == DATABASE else found.machine
        values = {"machine": machine, "num": abs(found.seconds)}
        text = (
            _("The clock of %(machine)s is %(num)s seconds ahead of the broker's.", **values)
            if found.seconds > 0
            else _("The clock of %(machine)s is %(num)s seconds behind the broker's.", **values)
        )
        yield OverviewNotice("error", text + " " + _("Set the clocks of all machines by NTP."))


def _letter_notices(tx: Tx, now: datetime) -> Iterator[OverviewNotice]:
    limit = parts().settings.letters_per_hour
    waiting = letter_requests_store.count_waiting(tx)
    if waiting and letter_requests.is_limit_reached(tx, limit, now):
        text = _(
            "%(limit)s letters were planned within an hour (LETTERS_PER_HOUR), so %(num)s requests for letters wait.",
            limit=limit,
            num=waiting,
        )
        yield OverviewNotice("error", text)


def _proxy_notices(p: Parts) -> Iterator[OverviewNotice]:
    """This request shows whether there is a proxy that the settings do not know of."""
    if not p.settings.trusted_proxies and is_forwarded(dict(request.headers)):
        text = _(
            "This page came through a proxy, but TRUSTED_PROXIES is 0. So all readers seem to come from the proxy's "
            "address, and share its limits."
        )
        yield OverviewNotice("error", text)


def _setup_notices(p: Parts) -> Iterator[OverviewNotice]:
    if not p.settings.smtp_url:
        text = _(
            "No mail server is set (SMTP_URL). All mail goes to the local outbox, and none to subscribers."
        )
        yield OverviewNotice("warning", text, url_for("web.outbox"), _("Open the outbox"))
    if not p.look(ALL_LANGUAGES).words.postal_address:
        text = _(
            "No postal address is set (POSTAL_ADDRESS). The law of many countries requires one in each mail."
        )
        where = (url_for("admin.look"), _("Look")) if current_user.may("admin") else ()
        yield OverviewNotice("warning", text, *where)
