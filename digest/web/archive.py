"""The public archive: a region's news of a day, newest first, with a calendar and a search. ARCHIVE=0 turns it off."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Response, abort, render_template, request
from werkzeug.routing import BaseConverter, ValidationError
from werkzeug.wrappers import Response as BaseResponse

from digest.articles.store import region_news as store
from digest.i18n.dates import format_full_day, format_month, weekday_names
from digest.parts import parts
from digest.regions.tree.region_tree import Region
from digest.web.archive_calendar import days_with_links
from digest.web.blueprint import bp
from digest.web.layout import chosen_language, page_language
from digest.web.page_cache import kept_page
from digest.web.public_addresses import absolute_url
from digest.web.region_news import newest_stories
from digest.web.story_views import StoryView, view_story

MAX_STORIES = 120  # on a page
SEARCHED = timedelta(days=31)
LOOKED_AT = 20  # newest stories, to find one of a kind that is shown
MAX_QUERY = 60  # characters
MAX_AGE = 300  # seconds
ONE_DAY = timedelta(days=1)


class DayConverter(BaseConverter):
    """`<day:…>` in a URL: a date as 2026-11-29."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: date) -> str:
        return value.isoformat()


@bp.get("/regions/<slug>", endpoint="region")
def newest_day(slug: str) -> BaseResponse:
    """The newest day of a region, or what a search finds in its last month."""
    require_archive()
    if query := " ".join(request.args.get("q", "").split())[:MAX_QUERY]:
        return Response(_render_search(slug, query))
    return _kept(slug, None)


@bp.get("/regions/<slug>/<day:day>")
def region_day(slug: str, day: date) -> BaseResponse:
    """A region's news of a day (UTC)."""
    require_archive()
    return _kept(slug, day)


@bp.get("/regions/<slug>/<day:day>/card.png")
def region_card(slug: str, day: date) -> BaseResponse:
    """The picture that other sites show beside a link to the page."""
    require_archive()
    lang = page_language()

    def draw() -> Response:
        from digest.web.share_card import draw_card  # with Pillow

        p = parts().refresh_regions()
        _require_day(day, first=first_day())
        name = p.tree.name(p.tree.get(slug).slug, lang)
        picture = draw_card(p.look(lang), name, format_full_day(day, lang), lang)
        return Response(picture, content_type="image/png")

    by_language = not chosen_language()
    return kept_page(("card", slug, day, lang), draw, max_age=86_400, by_language=by_language)


def is_archive_open() -> bool:
    """Whether the archive is public."""
    return parts().settings.archive


def first_day() -> date:
    """The first day that has pages: that of the oldest story, today without any."""
    with parts().db.read() as tx:
        first = store.first_seen(tx)
    return min(first.astimezone(UTC).date(), _today()) if first else _today()


def require_archive() -> None:
    if not is_archive_open():
        abort(404)


def _kept(slug: str, day: date | None) -> BaseResponse:
    chosen = chosen_language()
    key = ("archive", slug, day, page_language(), bool(chosen))
    return kept_page(key, lambda: _render_day(slug, day), max_age=MAX_AGE, by_language=not chosen)


def _render_day(slug: str, asked_day: date | None) -> str:
    p, lang = parts().refresh_regions(), page_language()
    region = p.tree.get(slug)
    first, today = first_day(), _today()
    day = asked_day or _newest_day(region)
    _require_day(day, first=first)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    with p.db.read() as tx:
        shown = newest_stories(tx, p, [region], since=start, until=start + ONE_DAY, limit=MAX_STORIES)
    stories = [view_story(story, p.tree, lang=lang, zone=UTC) for story in shown]
    title = f"{p.tree.name(slug, lang)}: {format_full_day(day, lang)}"
    return render_template(
        "web/region_day.html",
        stories=stories,
        day=day,
        day_name=format_full_day(day, lang),
        earlier=day - ONE_DAY if day > first else None,
        later=day + ONE_DAY if day < today else None,
        weeks=days_with_links(day, first=first, last=today),
        month=format_month(day, lang),
        weekdays=list(zip(weekday_names(lang, "short"), weekday_names(lang), strict=True)),
        linked_data=_linked_data(title, slug, day, stories),
        canonical=absolute_url("web.region_day", slug=slug, day=day, lang=lang),
        card_url=absolute_url("web.region_card", slug=slug, day=day, lang=lang),
        share_title=title,
        **_region_values(region, lang),
    )


def _render_search(slug: str, query: str) -> str:
    p, lang = parts().refresh_regions(), page_language()
    region = p.tree.get(slug)
    since = p.clock() - SEARCHED
    with p.db.read() as tx:
        shown = newest_stories(tx, p, [region], since=since, limit=MAX_STORIES, words=query)
    stories = [view_story(story, p.tree, lang=lang, zone=UTC, is_recent=False) for story in shown]
    return render_template(
        "web/region_search.html", stories=stories, query=query, **_region_values(region, lang)
    )


def _region_values(region: Region, lang: str) -> dict[str, Any]:
    tree = parts().tree
    return {
        "slug": region.slug,
        "name": tree.name(region.slug, lang),
        "parent": region.parent and (region.parent, tree.name(region.parent, lang)),
        "children": [
            (child.slug, tree.name(child.slug, lang))
            for child in (tree.children(region.slug) if region.kind != "country" else ())
        ],
    }


def _require_day(day: date, *, first: date) -> None:
    if not first <= day <= _today():
        abort(404)


def _newest_day(region: Region) -> date:
    """The day of a region's newest story; today without any in the last month."""
    p = parts()
    with p.db.read() as tx:
        newest = newest_stories(tx, p, [region], since=p.clock() - SEARCHED, limit=LOOKED_AT)
    return newest[0].first_seen_at.astimezone(UTC).date() if newest else _today()


def _today() -> date:
    return parts().clock().astimezone(UTC).date()


def _linked_data(title: str, slug: str, day: date, stories: Iterable[StoryView]) -> dict[str, Any]:
    """The page for search engines: a list of links to news articles (schema.org, JSON-LD)."""
    items = [
        {
            "@type": "ListItem",
            "position": place,
            "item": {
                "@type": "NewsArticle",
                "headline": story.title[:110],
                "url": story.url,
                "datePublished": story.published_at.isoformat(),
                "publisher": {"@type": "Organization", "name": story.source},
            },
        }
        for place, story in enumerate((s for s in stories if s.url), 1)
    ]
    return {
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "name": title,
        "url": absolute_url("web.region_day", slug=slug, day=day),
        "isPartOf": {
            "@type": "WebSite",
            "name": parts().look(page_language()).name,
            "url": parts().settings.base_url + "/",
        },
        "mainEntity": {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items},
    }
