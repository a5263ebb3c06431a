"""What an entry becomes: the article's fields, decided before anything is written."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.articles.pure.cleaning import EXCERPT, clean_title, excerpt, sane_date
from digest.articles.pure.identity import canonical_url
from digest.errors import InvalidInputError
from digest.regions.pure.tagger import Tag, Tagger
from digest.sources.pure.entries import Entry, Size
from digest.sources.pure.feeds.entry_fields import byline
from digest.sources.pure.text.markup import plain_text

NEWS_AGE = timedelta(hours=48)  # a new source's older backlog is stored, but is no news (no flood on day one)
LONGEST_GUID = 600  # characters; PostgreSQL can't index more than some 2,700 octets
TEXT_KEPT = 20_000  # characters; what the tagger reads, and more than any feed gives but a few


@dataclass(frozen=True, slots=True)
class Draft:
    """An article to be, with its tags."""

    guid: str
    url: str
    title: str
    excerpt: str
    text: str
    author: str
    published_at: datetime
    date_source: str
    tags: tuple[Tag, ...]
    content_hash: str
    image_url: str = ""
    image_size: Size | None = None

    def is_news(self, seen_at: datetime, *, first: bool = False) -> bool:
        """Whether it is fresh enough to be shown as new. Of a source's `first` document it must also say when it
        was published: what bears no date there is most likely backlog."""
        return seen_at - self.published_at < NEWS_AGE and not (first and self.date_source == "seen")


def moved(draft: Draft, *, title: str, published_at: datetime) -> bool:
    """Whether a draft is the article with the same guid at another address, whose headline and date these are.

    If neither fits, its source uses guids again, and it is another article.
    """
    return draft.title == title or (draft.date_source != "seen" and draft.published_at == published_at)


def drafts(
    entries: Iterable[Entry],
    tagger: Tagger,
    *,
    home: str | None,
    seen_at: datetime,
    excerpt_length: int = EXCERPT,
) -> tuple[Sequence[Draft], Sequence[str]]:
    """A draft of each usable entry, the first of each address; and why others were left out."""
    by_url: dict[str, Draft] = {}
    by_guid: dict[str, Draft] = {}
    warnings: list[str] = []
    for entry in map(_storable, entries):
        try:
            url = canonical_url(entry.link)
        except InvalidInputError as error:
            warnings.append(f'"{entry.title[:60]}" was left out: {error}')
            continue
        if url in by_url:
            continue
        guid = entry.id[:LONGEST_GUID] or url
        draft = _draft(
            entry, tagger, url=url, guid=guid, home=home, seen_at=seen_at, excerpt_length=excerpt_length
        )
        twin = by_guid.setdefault(guid, draft)
        if twin is draft or not moved(draft, title=twin.title, published_at=twin.published_at):
            by_url[url] = draft
    return list(by_url.values()), warnings


def _storable(entry: Entry) -> Entry:
    """The entry without NUL, which PostgreSQL refuses, and half characters (JSON's "\\ud800"), which nothing takes."""
    texts = {name: getattr(entry, name) for name in ("id", "title", "link", "author", "summary", "content")}
    return replace(
        entry,
        **{name: text.replace("\0", "").encode("utf-8", "ignore").decode() for name, text in texts.items()},
    )


def _draft(
    entry: Entry,
    tagger: Tagger,
    *,
    url: str,
    guid: str,
    home: str | None,
    seen_at: datetime,
    excerpt_length: int,
) -> Draft:
    title = clean_title(entry.title) or url
    text = plain_text(entry.content or entry.summary)[:TEXT_KEPT]
    published_at, date_source = sane_date(entry.published, entry.updated, seen_at=seen_at)
    short = excerpt(entry.summary, entry.content, excerpt_length) if excerpt_length else ""
    return Draft(
        guid=guid,
        url=url,
        title=title,
        excerpt=short,
        text=text,
        author=byline(entry.author)[:200],
        published_at=published_at,
        date_source=date_source,
        tags=tagger.tag(title, text, home=home),
        image_url=entry.image or "",
        image_size=entry.image_size,
        content_hash=hashlib.sha256("\0".join((title, short, text)).encode()).hexdigest(),
    )
