"""The news of a region as Atom (RFC 4287) or JSON Feed 1.1, for people who do not want to give an address."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from digest.articles.pure.shown_story import ShownStory
from digest.parts import parts
from digest.regions.tree.outline import build_outline
from digest.web.blueprint import bp
from digest.web.layout import chosen_language, digest_language, page_language
from digest.web.page_cache import kept_page
from digest.web.public_addresses import absolute_url
from digest.web.region_news import newest_stories
from digest.web.story_views import view_story

MAX_ENTRIES = 60  # feed readers fetch several times a day, so a feed needs no more
FEED_WINDOW = timedelta(days=14)
CACHE_SECONDS = 900  # how long a feed may be cached; sources are polled at most every half an hour
MIME_TYPES = {"atom": "application/atom+xml", "json": "application/feed+json"}


@dataclass(frozen=True, slots=True)
class RegionFeedEntry:
    """A story as an entry of a feed. Its id does not change when its title or links change."""

    id: str
    title: str
    url: str
    excerpt: str
    source: str
    language: str
    published: str
    updated: str
    also_in: tuple[tuple[str, str], ...]
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionFeed:
    """The metadata of a feed."""

    slug: str
    title: str
    language: str
    updated: datetime

    def url(self, kind: str) -> str:
        """The address of the feed. It names the language, because caches can't store what depends on headers."""
        return absolute_url("web.feed", slug=self.slug, kind=kind, lang=self.language)

    @property
    def id(self) -> str:
        """An id that does not change when the site moves to https (RFC 4151)."""
        return f"tag:{_host()},2026:region/{self.slug}/{self.language}"


@bp.get("/regions")
def feeds() -> BaseResponse:
    """All regions with links to their feeds."""
    chosen = chosen_language()
    key = ("feeds", page_language(), digest_language(), bool(chosen))
    return kept_page(key, _render_list, max_age=CACHE_SECONDS, by_language=not chosen)


def _render_list() -> str:
    nodes = build_outline(parts().refresh_regions().tree, page_language())
    archive = parts().settings.archive
    return render_template("web/feeds.html", nodes=nodes, feed_language=digest_language(), archive=archive)


@bp.get("/regions/<slug>/feed.<any(atom, json):kind>")
def feed(slug: str, kind: str) -> BaseResponse:
    """The newest stories about a region, without hidden ones; 304 if the client has the current version."""
    requested_language = request.args.get("lang", "")
    offered = parts().languages
    lang = requested_language if requested_language in offered else offered[0]
    response = kept_page(
        ("feed", slug, kind, lang), lambda: _render_feed(slug, kind, lang), max_age=CACHE_SECONDS
    )
    # Scripts of other sites may read feeds, because feeds contain nothing private.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _render_feed(slug: str, kind: str, lang: str) -> Response:
    p = parts().refresh_regions()
    region = p.tree.get(slug)
    now = p.clock().astimezone(UTC)
    with p.db.read() as tx:
        stories = newest_stories(tx, p, region, since=now - FEED_WINDOW, limit=MAX_ENTRIES)
    newest = max((s.first_seen_at for s in stories), default=now.replace(hour=0, minute=0, second=0))
    channel = RegionFeed(slug, f"{p.settings.site_name}: {p.tree.name(slug, lang)}", lang, newest)
    body = _format_feed(kind, channel, [_feed_entry(story, lang) for story in stories])
    response = Response(body, content_type=f"{MIME_TYPES[kind]}; charset=utf-8")
    response.last_modified = newest
    return response


def _format_feed(kind: str, channel: RegionFeed, entries: Sequence[RegionFeedEntry]) -> str:
    if kind == "json":
        return json.dumps(_json_feed(channel, entries), ensure_ascii=False)
    return render_template(
        "web/feed_atom.xml",
        channel=channel,
        entries=entries,
        updated=_format_time(channel.updated),
        form_url=_home_url(channel),
    )


def _json_feed(channel: RegionFeed, entries: Sequence[RegionFeedEntry]) -> Mapping[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": _home_url(channel),
        "feed_url": channel.url("json"),
        "language": channel.language,
        "items": [_json_item(entry, channel.language) for entry in entries],
    }


def _json_item(entry: RegionFeedEntry, lang: str) -> Mapping[str, Any]:
    item = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_text": entry.excerpt or entry.title,
        "date_published": entry.published,
        "authors": [{"name": entry.source}] if entry.source else [],
        "tags": list(entry.countries),
        "language": entry.language or lang,
    }
    return {name: value for name, value in item.items() if value}


def _feed_entry(story: ShownStory, lang: str) -> RegionFeedEntry:
    view = view_story(story, parts().tree, lang=lang, zone=UTC)
    return RegionFeedEntry(
        id=f"tag:{_host()},2026:story/{story.id}",
        title=view.title,
        url=view.url,
        excerpt=view.excerpt,
        source=view.source,
        language=view.language,
        published=_format_time(view.published_at),
        updated=_format_time(view.first_seen_at),
        also_in=view.also_in,
        countries=view.countries,
    )


def _format_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _home_url(channel: RegionFeed) -> str:
    """The page behind a feed: the region's, or without the archive the form with the region chosen."""
    if parts().settings.archive:
        return absolute_url("web.region", slug=channel.slug, lang=channel.language)
    return absolute_url("web.join", regions=channel.slug)


def _host() -> str:
    return urlsplit(parts().settings.base_url).hostname or "localhost"
