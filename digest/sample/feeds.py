"""The bundled news as real RSS over real HTTP: three small outlets, dated back from the present hour."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from digest.parts import KEY, parts

ITEMS = Path(__file__).parent / "items.toml"
bp = Blueprint("sample", __name__, url_prefix="/sample")


@dataclass(frozen=True, slots=True)
class Item:
    """One invented piece of news."""

    slug: str
    title: str
    text: str
    outlet: str
    category: str
    published: datetime


@cache
def outlets() -> Mapping[str, str]:
    """The invented outlets: key and name."""
    return {key: outlet["name"] for key, outlet in _data()["outlets"].items()}


def items(outlet: str, now: datetime) -> Sequence[Item]:
    """An outlet's items, newest first, dated back from this hour: within an hour the document stays the same."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    found = [
        Item(
            slug=row["slug"],
            title=row["title"],
            text=row["text"],
            outlet=outlet,
            category=row["category"],
            published=hour - timedelta(hours=row["hours_ago"]),
        )
        for row in _data()["items"]
        if row["outlet"] == outlet
    ]
    return sorted(found, key=lambda item: item.published, reverse=True)


@bp.get("/<outlet>.xml")
def feed(outlet: str) -> BaseResponse:
    """An outlet's feed, with an ETag and 304s like any honest publisher's."""
    _known(outlet)
    now = parts().reader.clock().astimezone(UTC)
    body = render_template(
        "web/sample_feed.xml",
        name=outlets()[outlet],
        link=url_for("sample.page", outlet=outlet, _external=True),
        items=[(item, _url(item), format_datetime(item.published)) for item in items(outlet, now)],
    )
    response = Response(body, mimetype="application/rss+xml")
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/<outlet>/")
def page(outlet: str) -> str:
    """An outlet's front page, which names its feed."""
    _known(outlet)
    found = items(outlet, parts().reader.clock())
    return render_template("web/sample_page.html", outlet=outlet, name=outlets()[outlet], items=found)


@bp.get("/<outlet>/<slug>")
def article(outlet: str, slug: str) -> str:
    """One item as a page."""
    _known(outlet)
    found = next((item for item in items(outlet, parts().reader.clock()) if item.slug == slug), None)
    if found is None:
        abort(404)
    return render_template("web/sample_article.html", item=found, name=outlets()[outlet])


def register(app: Flask) -> None:
    """Serve the sample where it is wanted."""
    if app.extensions[KEY].settings.sample:
        app.register_blueprint(bp)


def _url(item: Item) -> str:
    return url_for("sample.article", outlet=item.outlet, slug=item.slug, _external=True)


def _known(outlet: str) -> None:
    if outlet not in outlets():
        abort(404)


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(ITEMS.read_text())
