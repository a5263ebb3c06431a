"""The news of a region as Atom (RFC 4287) or JSON Feed 1.1, for people who do not want to give an address."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Response, render_template, request, url_for
from werkzeug.http import http_date
from werkzeug.wrappers import Response as BaseResponse

from digest.articles.pure.shown_story import ShownArticle, ShownStory
from digest.articles.store import articles
from digest.editions.pure.display_text import choose_headline, lang_attribute, safe_url, sanitize_line
from digest.parts import parts
from digest.regions.tree.outline import build_outline
from digest.web.blueprint import bp
from digest.web.layout import digest_language, page_language

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
        return _absolute_url("web.feed", slug=self.slug, kind=kind, lang=self.language)

    @property
    def id(self) -> str:
        """An id that does not change when the site moves to https (RFC 4151)."""
        return f"tag:{_host()},2026:region/{self.slug}/{self.language}"


@bp.get("/regions")
def feeds() -> str:
    """All regions with links to their feeds."""
    return render_template(
        "web/feeds.html", nodes=build_outline(parts().tree, page_language()), feed_language=digest_language()
    )


@bp.get("/regions/<slug>/feed.<any(atom, json):kind>")
def feed(slug: str, kind: str) -> BaseResponse:
    """The newest stories about a region, without hidden ones; 304 if the client has the current version."""
    p = parts()
    region = p.tree.get(slug)
    requested_language = request.args.get("lang", "")
    lang = requested_language if requested_language in p.languages else p.languages[0]
    now = p.clock().astimezone(UTC)
    with p.db.read() as tx:
        story_refs = articles.newest_about(
            tx,
            region.countries,
            groups=p.tree.groups_mostly_within(region.slug),
            since=now - FEED_WINDOW,
            limit=MAX_ENTRIES,
        )
        shown = articles.current_stories(tx, [story for story, _ in story_refs])
    stories = [shown[story] for story, _ in story_refs if story in shown]
    newest = max((s.first_seen_at for s in stories), default=now.replace(hour=0, minute=0, second=0))
    channel = RegionFeed(slug, f"{p.settings.site_name}: {p.tree.name(slug, lang)}", lang, newest)
    body = _format_feed(kind, channel, [_feed_entry(story, lang) for story in stories])
    response = Response(body, content_type=f"{MIME_TYPES[kind]}; charset=utf-8")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.headers["Last-Modified"] = http_date(newest)
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    # Scripts of other sites may read feeds, because feeds contain nothing private.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response.make_conditional(request)


def _format_feed(kind: str, channel: RegionFeed, entries: Sequence[RegionFeedEntry]) -> str:
    if kind == "json":
        return json.dumps(_json_feed(channel, entries), ensure_ascii=False)
    return render_template(
        "web/feed_atom.xml",
        channel=channel,
        entries=entries,
        updated=_format_time(channel.updated),
        form_url=_absolute_url("web.join", regions=channel.slug),
    )


def _json_feed(channel: RegionFeed, entries: Sequence[RegionFeedEntry]) -> Mapping[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": _absolute_url("web.join", regions=channel.slug),
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
    lead = story.lead
    tree = parts().tree
    return RegionFeedEntry(
        id=f"tag:{_host()},2026:story/{story.id}",
        title=choose_headline(lead.title, lead.excerpt, lead.source),
        url=safe_url(lead.url),
        excerpt=sanitize_line(lead.excerpt),
        source=sanitize_line(lead.source),
        language=lang_attribute(lead.language, lang),
        published=_format_time(lead.published_at),
        updated=_format_time(story.first_seen_at),
        also_in=tuple(_other_source(report) for report in story.also_in if safe_url(report.url)),
        countries=tuple(tree.name(code.lower(), lang) for code in story.countries),
    )


def _other_source(report: ShownArticle) -> tuple[str, str]:
    return sanitize_line(report.source), safe_url(report.url)


def _format_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _absolute_url(endpoint: str, **values: Any) -> str:
    """An absolute URL under BASE_URL, so that the feed is the same under every host name of the site."""
    return parts().settings.base_url + url_for(endpoint, **values)


def _host() -> str:
    return urlsplit(parts().settings.base_url).hostname or "localhost"
