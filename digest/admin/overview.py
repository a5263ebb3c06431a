"""The first page: what matters today, and what needs somebody."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from digest.admin.blueprint import bp
from digest.articles import source_status
from digest.articles.source_status import Standing
from digest.articles.store import articles
from digest.database import Tx
from digest.deliveries.store import claims as deliveries
from digest.editions.models import Edition
from digest.editions.store import editions
from digest.parts import Parts, parts
from digest.sources.store import sources
from digest.subscribers.store import subscribers

DAY = timedelta(days=1)
WORKER_GONE = timedelta(minutes=10)  # beat asks every minute; work that is due for longer is nobody's


@dataclass(frozen=True, slots=True)
class Today:
    """What the page shows."""

    sources: Sequence[Standing]
    articles: int
    readers: Mapping[str, int]
    answers: Mapping[str, int]
    sending: Sequence[Edition]
    progress: Mapping[int, Mapping[str, int]]
    next_due: Sequence[tuple[datetime, int]]
    attention: Sequence["Attention"]


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that somebody should look at, and where."""

    tone: str  # error | warning
    text: str
    url: str = ""
    link: str = ""


@bp.get("/")
def overview() -> str:
    """What matters today."""
    p = parts()
    now = p.reader.clock()
    with p.db.read() as tx:
        today = _today(tx, p, now)
    return render_template("admin/overview.html", today=today)


def _today(tx: Tx, p: Parts, now: datetime) -> Today:
    standings, sending = source_status.standings(tx, now), editions.in_state(tx, "sending")
    attention = [*_sources(tx, standings, now), *_sending(tx, now), *_setting_up(p)]
    return Today(
        sources=standings,
        articles=articles.count_since(tx, now - DAY),
        readers=subscribers.count_by_state(tx),
        answers=deliveries.answers_since(tx, now - DAY),
        sending=sending,
        progress=deliveries.counts(tx, [edition.id for edition in sending]),
        next_due=_next_due(tx, now),
        attention=attention,
    )


def _next_due(tx: Tx, now: datetime) -> Sequence[tuple[datetime, int]]:
    """When how many readers are due within a day, soonest first."""
    readers: dict[datetime, int] = {}
    for moment, _key, count in subscribers.forecast(tx, now + DAY):
        readers[moment] = readers.get(moment, 0) + count
    return sorted(readers.items())[:6]


def _sources(tx: Tx, standings: Sequence[Standing], now: datetime) -> Iterator[Attention]:
    conditions = Counter(one.health.condition for one in standings)
    if failing := conditions["failing"]:
        text = ngettext("%(num)s source can't be read.", "%(num)s sources can't be read.", failing)
        yield Attention("warning", text, url_for("admin.sources", condition="failing"), _("See why"))
    if held := conditions["held"]:
        text = ngettext(
            "Articles of %(num)s source wait for somebody to let them in or keep them out.",
            "Articles of %(num)s sources wait for somebody to let them in or keep them out.",
            held,
        )
        yield Attention("warning", text, url_for("admin.sources", condition="held"), _("Decide"))
    if overdue := sources.overdue(tx, now - WORKER_GONE):
        text = ngettext(
            "%(num)s source is overdue by more than 10 minutes: is the worker running?",
            "%(num)s sources are overdue by more than 10 minutes: is the worker running?",
            overdue,
        )
        yield Attention("error", text)


def _sending(tx: Tx, now: datetime) -> Iterator[Attention]:
    for edition in editions.in_state(tx, "paused"):
        url = url_for("admin.edition", edition_id=edition.id)
        yield Attention("warning", _("Edition %(id)s is paused.", id=edition.id), url, _("Look at it"))
    if refused := deliveries.answers_since(tx, now - DAY).get("refused", 0):
        text = ngettext(
            "%(num)s mail was refused in the last 24 hours.",
            "%(num)s mails were refused in the last 24 hours.",
            refused,
        )
        yield Attention("warning", text, url_for("admin.editions"), _("See the editions"))


def _setting_up(p: Parts) -> Iterator[Attention]:
    if not p.settings.smtp_url:
        text = _("No mail server is set (SMTP_URL): all mail goes to the local outbox, and none to readers.")
        yield Attention("warning", text, url_for("web.outbox"), _("Open the outbox"))
    if not p.settings.postal_address:
        text = _(
            "No postal address is set (POSTAL_ADDRESS); the law of many countries asks for one in each mail."
        )
        yield Attention("warning", text)
