"""Template filters for times, names and numbers, and the pager of long lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_skeleton
from flask import Flask, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from digest.admin import params, rank_reasons
from digest.admin.action_names import action_name, target_name
from digest.admin.dates import page_zone
from digest.admin.form_choices import page_language
from digest.admin.numbers import ngettext, number, percent, points
from digest.admin.sparklines import outcome_shares
from digest.admin.state_names import state_name
from digest.admin.texts import translated
from digest.deliveries.pure.totals import compute_totals
from digest.editions.pure.note_markup import render_note
from digest.errors import NotFoundError
from digest.i18n.locales import cldr_locale
from digest.parts import parts

TIME_HTML = Markup('<time datetime="{}" title="{}">{}</time>')
FRESH = timedelta(hours=1)  # a moment nearer than this is shown as "5 minutes ago"
MINUTE = timedelta(minutes=1)
NO_TIME = timedelta()


def register(app: Flask) -> None:
    """Add the filters to the templates."""
    app.jinja_env.globals["page_zone"] = page_zone
    app.jinja_env.filters.update(
        when=when,
        day=day,
        region_name=region_name,
        country_name=country_name,
        host=host,
        number=number,
        percent=percent,
        markdown=markdown,
        outcome_shares=outcome_shares,
        state_name=state_name,
        translated=translated,
        action_name=action_name,
        target_name=target_name,
        delivery_totals=compute_totals,
        reason=rank_reasons.reason,
        points=points,
    )


def when(moment: datetime | None, never: str = "") -> str:
    """A moment as a <time> element, in the zone of the account: relative if it is fresh, and exact in its title.

    The year is there only if it is not the current one; `never` stands for None.
    """
    if moment is None:
        return never or _("never")
    now, zone = parts().clock(), page_zone()
    moment = moment.astimezone(zone)
    skeleton = "MMMd" if moment.year == now.astimezone(zone).year else "yMMMd"
    exact = f"{format_skeleton(skeleton, moment, locale=cldr_locale(page_language()))}, {moment:%H:%M}"
    if str(zone) == "UTC":
        exact = f"{exact} UTC"
    shown = _relative(moment - now) if abs(moment - now) < FRESH else exact
    return TIME_HTML.format(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), exact, shown)


def day(one: date) -> str:
    """A day without its year, as charts of some months show it."""
    return str(format_skeleton("MMMd", one, locale=cldr_locale(page_language())))


def _relative(difference: timedelta) -> str:
    """A moment of the last or the next hour in words."""
    minutes = round(abs(difference) / MINUTE)
    if minutes == 0:
        return str(_("just now"))
    if difference < NO_TIME:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", minutes)
    return ngettext("in %(num)s minute", "in %(num)s minutes", minutes)


def region_name(slug: str) -> str:
    """The name of a region; the slug if the tree no longer has it."""
    try:
        return parts().tree.name(slug, page_language())
    except NotFoundError:
        return slug


def country_name(code: str) -> str:
    """The name of a country given by its ISO code."""
    return region_name(code.lower()) if code else ""


def host(url: str) -> str:
    """The host of a URL; the URL itself if it has none."""
    return urlsplit(url).hostname or url


def markdown(source: str) -> Markup:
    """A note of an editor, as a mail shows it."""
    return render_note(source).html


@dataclass(frozen=True, slots=True)
class Pager:
    """The addresses of the previous and next page ("" for none), and the position in words ("1 to 50 of 120")."""

    newer: str
    older: str
    position: str


def page_number(name: str = "page") -> int:
    """The number of the requested page, from 1. Raises InvalidInputError."""
    return params.parse_int(request.args, name) or 1


def make_pager(total: int, size: int, rows: Sequence[object], *, name: str = "page") -> Pager:
    """The pager for the rows of this request's page. Its links keep all other parameters of the request.

    `name` is the parameter with the number of the page: a page with two lists has two.
    """
    page = page_number(name)
    first = (page - 1) * size
    values = {"first": number(first + 1), "last": number(first + len(rows)), "total": number(total)}
    position = _("%(first)s to %(last)s of %(total)s", **values) if rows else _("No such page")
    older = _page_url(name, page + 1) if first + len(rows) < total and rows else ""
    return Pager(_page_url(name, page - 1) if page > 1 else "", older, position)


def _page_url(name: str, page: int) -> str:
    values: dict[str, Any] = dict(request.args.lists()) | {name: page}
    return url_for(request.endpoint or "", **values, **(request.view_args or {}))
