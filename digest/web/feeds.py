"""The news of a region as Atom (RFC 4287) or JSON Feed 1.1, for people who do not want to give an address."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from digest.articles.pure.shown_story import ShownStory
from digest.parts import parts
from digest.regions.tree.outline import build_outline, search_outline
from digest.subscribers.descriptions import describe_regions
from digest.subscribers.pure.subscription import existing_regions
from digest.web.blueprint import bp
from digest.web.layout import chosen_language, digest_language, page_language
from digest.web.page_cache import kept_page
from digest.web.public_addresses import absolute_url
from digest.web.region_news import newest_stories
from digest.web.story_views import view_story

MAX_QUERY = 100  # characters
MAX_MIXED = 40  # regions of one feed
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
    """The metadata of a feed of one region, or of several that somebody mixed."""

    slugs: tuple[str, ...]
    title: str
    language: str
    updated: datetime

    def url(self, kind: str) -> str:
        """The address of the feed. It names the language, because caches can't store what depends on headers."""
        if len(self.slugs) == 1:
            return absolute_url("web.feed", slug=self.slugs[0], kind=kind, lang=self.language)
        return absolute_url("web.mixed_feed", regions=self.slugs, kind=kind, lang=self.language)

    @property
    def id(self) -> str:
        """An id that does not change when the site moves to https (RFC 4151)."""
        return f"tag:{_host()},2026:region/{'+'.join(self.slugs)}/{self.language}"


@bp.get("/regions")
def feeds() -> BaseResponse:
    """All regions with links to their feeds, or those that a search finds."""
    chosen = chosen_language()
    if query := " ".join(request.args.get("query", "").split())[:MAX_QUERY]:
        return Response(_render_list(query))
    key = ("feeds", page_language(), digest_language(), bool(chosen))
    return kept_page(key, _render_list, max_age=CACHE_SECONDS, by_language=not chosen)


def _render_list(query: str = "") -> str:
    tree, lang = parts().refresh_regions().tree, page_language()
    return render_template(
        "web/feeds.html",
        nodes=search_outline(tree, query, lang) if query else build_outline(tree, lang),
        query=query,
        feed_language=digest_language(),
        chosen_language=chosen_language(),
        archive=parts().settings.archive,
    )


@bp.get("/regions/<slug>/feed.<any(atom, json):kind>")
def feed(slug: str, kind: str) -> BaseResponse:
    """The newest stories about a region, without hidden ones; 304 if the client has the current version."""
    return _kept_feed((slug,), kind)


@bp.get("/feed.<any(atom, json):kind>")
def mixed_feed(kind: str) -> BaseResponse:
    """The newest stories about several regions. The address has the regions and nothing about who reads it."""
    slugs = tuple(dict.fromkeys(request.args.getlist("regions")))[:MAX_MIXED]
    return _kept_feed(slugs, kind) if slugs else redirect(url_for("web.feeds"), 303)


@bp.get("/regions/feeds.opml")
def feed_list() -> Response:
    """A list of feeds for feed readers (OPML 2.0): of the regions in the address, or of all."""
    p, lang = parts().refresh_regions(), _feed_language()
    chosen = existing_regions(dict.fromkeys(request.args.getlist("regions")), p.tree)
    slugs = chosen or [region.slug for region in p.tree.all() if not region.retired]
    body = render_template(
        "web/feeds.opml",
        title=p.look(lang).name,
        feeds=[
            (p.tree.name(slug, lang), RegionFeed((slug,), "", lang, p.clock()).url("atom")) for slug in slugs
        ],
    )
    response = Response(body, content_type="text/x-opml; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="feeds.opml"'
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return response


def _feed_language() -> str:
    requested, offered = request.args.get("lang", ""), parts().languages
    return requested if requested in offered else offered[0]


def _kept_feed(slugs: tuple[str, ...], kind: str) -> BaseResponse:
    lang = _feed_language()
    response = kept_page(
        ("feed", slugs, kind, lang), lambda: _render_feed(slugs, kind, lang), max_age=CACHE_SECONDS
    )
    # Scripts of other sites may read feeds, because feeds contain nothing private.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _render_feed(slugs: tuple[str, ...], kind: str, lang: str) -> Response:
    p = parts().refresh_regions()
    regions = [p.tree.get(slug) for slug in slugs]
    now = p.clock().astimezone(UTC)
    with p.db.read() as tx:
        stories = newest_stories(tx, p, regions, since=now - FEED_WINDOW, limit=MAX_ENTRIES)
    newest = max((s.first_seen_at for s in stories), default=now.replace(hour=0, minute=0, second=0))
    title = f"{p.look(lang).name}: {describe_regions(p.tree, slugs, lang)}"
    channel = RegionFeed(slugs, title, lang, newest)
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
    if parts().settings.archive and len(channel.slugs) == 1:
        return absolute_url("web.region", slug=channel.slugs[0], lang=channel.language)
    return absolute_url("web.join", regions=channel.slugs)


def _host() -> str:
    return urlsplit(parts().settings.base_url).hostname or "localhost"
