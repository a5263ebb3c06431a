"""Serves the sample news as RSS over HTTP: three small outlets, whose items are dated relative to the present hour."""

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

from digest.parts import EXTENSION_KEY, parts

ITEMS_FILE = Path(__file__).parent / "items.toml"
bp = Blueprint("sample", __name__, url_prefix="/sample")


@dataclass(frozen=True, slots=True)
class SampleItem:
    """An invented news item."""

    slug: str
    title: str
    text: str
    outlet: str
    category: str
    published: datetime


@cache
def outlet_names() -> Mapping[str, str]:
    """The names of the invented outlets by their keys."""
    return {key: outlet["name"] for key, outlet in _data()["outlets"].items()}


def list_items(outlet: str, now: datetime) -> Sequence[SampleItem]:
    """An outlet's items, newest first. Their times count from the full hour, so the feed changes once an hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    items = [
        SampleItem(
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
    return sorted(items, key=lambda item: item.published, reverse=True)


@bp.get("/<outlet>.xml")
def feed(outlet: str) -> BaseResponse:
    """An outlet's feed, with an ETag and conditional responses."""
    _require_outlet(outlet)
    now = parts().clock().astimezone(UTC)
    body = render_template(
        "web/sample_feed.xml",
        name=outlet_names()[outlet],
        link=url_for("sample.page", outlet=outlet, _external=True),
        items=[(item, _item_url(item), format_datetime(item.published)) for item in list_items(outlet, now)],
    )
    response = Response(body, mimetype="application/rss+xml")
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/<outlet>/")
def page(outlet: str) -> str:
    """An outlet's front page, which links to its feed."""
    _require_outlet(outlet)
    items = list_items(outlet, parts().clock())
    return render_template("web/sample_page.html", outlet=outlet, name=outlet_names()[outlet], items=items)


@bp.get("/<outlet>/<slug>")
def article(outlet: str, slug: str) -> str:
    """The page of an item."""
    _require_outlet(outlet)
    items = list_items(outlet, parts().clock())
    item = next((item for item in items if item.slug == slug), None)
    if item is None:
        abort(404)
    return render_template("web/sample_article.html", item=item, name=outlet_names()[outlet])


def register(app: Flask) -> None:
    """Add the sample pages to `app` if it serves them."""
    if app.extensions[EXTENSION_KEY].settings.serves_sample:
        app.register_blueprint(bp)


def _item_url(item: SampleItem) -> str:
    return url_for("sample.article", outlet=item.outlet, slug=item.slug, _external=True)


def _require_outlet(outlet: str) -> None:
    if outlet not in outlet_names():
        abort(404)


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(ITEMS_FILE.read_text())
