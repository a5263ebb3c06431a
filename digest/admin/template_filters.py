"""How things look on the pages: times, names, pages of long lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_datetime
from babel.numbers import format_decimal
from flask import Flask, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from digest.admin import params
from digest.admin.form_choices import language
from digest.deliveries.pure.totals import reckon
from digest.errors import NotFoundError
from digest.i18n.locales import locale
from digest.parts import parts

TIME = Markup('<time datetime="{}">{} UTC</time>')


def register(app: Flask) -> None:
    """Give the templates these filters."""
    app.jinja_env.filters.update(
        when=when,
        region_name=region_name,
        country_name=country_name,
        host=host,
        number=number,
        reckoning=reckon,
    )


def when(moment: datetime | None, never: str = "") -> str:
    """A moment as a <time> element, in UTC; the year only when it is not this one."""
    if moment is None:
        return never or _("never")
    moment = moment.astimezone(UTC)
    pattern = "d MMM, HH:mm" if moment.year == parts().reader.clock().year else "d MMM y, HH:mm"
    words = format_datetime(moment, pattern, locale=locale(language()))
    return TIME.format(moment.strftime("%Y-%m-%dT%H:%M:%SZ"), words)


def region_name(slug: str) -> str:
    """A region's name; the slug itself when the tree has lost it."""
    try:
        return parts().tree.name(slug, language())
    except NotFoundError:
        return slug


def country_name(code: str) -> str:
    """The name of a country given by its ISO code."""
    return region_name(code.lower()) if code else ""


def host(url: str) -> str:
    """The host of an address."""
    return urlsplit(url).hostname or url


def number(value: int) -> str:
    """A number with its thousands apart."""
    return str(format_decimal(value, locale=locale(language())))


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a page of a long list stands: addresses of its neighbours ("" for none), and its place in words."""

    newer: str
    older: str
    place: str


def page_number() -> int:
    """The page that was asked for, from 1; raises InvalidInputError."""
    return params.whole(request.args, "page") or 1


def pages(total: int, size: int, rows: Sequence[object]) -> Pages:
    """The pager of this request's list; all else that was asked for stays."""
    page = page_number()
    first = (page - 1) * size
    values = {"first": number(first + 1), "last": number(first + len(rows)), "total": number(total)}
    place = _("%(first)s to %(last)s of %(total)s", **values) if rows else _("No such page")
    older = _page(page + 1) if first + len(rows) < total and rows else ""
    return Pages(_page(page - 1) if page > 1 else "", older, place)


def _page(page: int) -> str:
    values: dict[str, Any] = {name: params for name, params in request.args.lists() if name != "page"}
    return url_for(request.endpoint or "", **values, **(request.view_args or {}), page=page)
