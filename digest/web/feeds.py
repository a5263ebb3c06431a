"""The news of a region as a feed, for people who would rather not give an address: Atom (RFC 4287), JSON Feed 1.1."""

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

from digest.articles.pure.shown_story import Report, ShownStory
from digest.articles.store import articles
from digest.editions.pure.display_text import address, headline, language_of, plain
from digest.parts import parts
from digest.regions.tree.outline import outline
from digest.web.blueprint import bp
from digest.web.layout import digest_language, language

ENTRIES = 60  # of a feed at most; readers' programs look several times a day
REACH = timedelta(days=14)
FRESH = 900  # seconds that anybody may keep a feed; sources are looked at every half an hour
KINDS = {"atom": "application/atom+xml", "json": "application/feed+json"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A story as feeds have it. Its id stays the same whatever happens to its title and links."""

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
class Channel:
    """What a feed says of itself."""

    slug: str
    title: str
    language: str
    updated: datetime

    def url(self, kind: str) -> str:
        """Where the feed is; the language is in the address, as one that depends on headers can't be kept by caches."""
        return _absolute("web.feed", slug=self.slug, kind=kind, lang=self.language)

    @property
    def id(self) -> str:
        """A name that stays when the site moves to https (RFC 4151)."""
        return f"tag:{_host()},2026:region/{self.slug}/{self.language}"


@bp.get("/regions")
def feeds() -> str:
    """All regions, each with its feeds."""
    return render_template(
        "web/feeds.html", nodes=outline(parts().tree, language()), feed_language=digest_language()
    )


@bp.get("/regions/<slug>/feed.<any(atom, json):kind>")
def feed(slug: str, kind: str) -> BaseResponse:
    """The newest stories about a region; 304 for who has them, hidden ones are out."""
    p = parts()
    region = p.tree.get(slug)
    asked = request.args.get("lang", "")
    lang = asked if asked in p.languages else p.languages[0]
    now = p.reader.clock().astimezone(UTC)
    with p.db.read() as tx:
        marks = articles.newest_about(tx, region.countries, since=now - REACH, limit=ENTRIES)
        found = articles.shown_stories(tx, [story for story, _ in marks])
    stories = [found[story] for story, _ in marks if story in found]
    newest = max((s.first_seen_at for s in stories), default=now.replace(hour=0, minute=0, second=0))
    channel = Channel(slug, f"{p.settings.site_name}: {p.tree.name(slug, lang)}", lang, newest)
    body = _written(kind, channel, [_entry(story, lang) for story in stories])
    response = Response(body, content_type=f"{KINDS[kind]}; charset=utf-8")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.headers["Last-Modified"] = http_date(newest)
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    response.headers["Access-Control-Allow-Origin"] = (
        "*"  # read by programs in browsers; there is nothing private
    )
    return response.make_conditional(request)


def _written(kind: str, channel: Channel, entries: Sequence[Entry]) -> str:
    if kind == "json":
        return json.dumps(_json_feed(channel, entries), ensure_ascii=False)
    return render_template(
        "web/feed_atom.xml",
        channel=channel,
        entries=entries,
        updated=_second(channel.updated),
        form_url=_absolute("web.join", regions=channel.slug),
    )


def _json_feed(channel: Channel, entries: Sequence[Entry]) -> Mapping[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": _absolute("web.join", regions=channel.slug),
        "feed_url": channel.url("json"),
        "language": channel.language,
        "items": [_json_item(entry, channel.language) for entry in entries],
    }


def _json_item(entry: Entry, lang: str) -> Mapping[str, Any]:
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


def _entry(story: ShownStory, lang: str) -> Entry:
    lead = story.lead
    tree = parts().tree
    return Entry(
        id=f"tag:{_host()},2026:story/{story.id}",
        title=headline(lead.title, lead.excerpt, lead.source),
        url=address(lead.url),
        excerpt=plain(lead.excerpt),
        source=plain(lead.source),
        language=language_of(lead.language, lang),
        published=_second(lead.published_at),
        updated=_second(story.first_seen_at),
        also_in=tuple(_also(report) for report in story.also_in if address(report.url)),
        countries=tuple(tree.name(code.lower(), lang) for code in story.countries),
    )


def _also(report: Report) -> tuple[str, str]:
    return plain(report.source), address(report.url)


def _second(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _absolute(endpoint: str, **values: Any) -> str:
    """An address as the operator wrote it: whoever asks under another name of ours gets the same feed."""
    return parts().settings.base_url + url_for(endpoint, **values)


def _host() -> str:
    return urlsplit(parts().settings.base_url).hostname or "localhost"
