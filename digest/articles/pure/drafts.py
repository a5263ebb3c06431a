"""Turns the entries of a source into article drafts, before anything is written."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from digest.articles.pure.article_kinds import PLAIN_NEWS, KindInput, KindVerdict, classify, trim_categories
from digest.articles.pure.boilerplate import without_footers
from digest.articles.pure.cleaning import (
    AUTHOR_LENGTH,
    EXCERPT_LENGTH,
    choose_date,
    clean_title,
    make_excerpt,
)
from digest.articles.pure.entry_identity import IdentifiedEntry, identify_entries
from digest.articles.pure.voices import with_agency
from digest.articles.states import DateSource
from digest.regions.pure.group_tags import GroupTag
from digest.regions.pure.tagger import Tag, Tagger
from digest.sources.pure.entries import Entry, ImageSize
from digest.sources.pure.feeds.entry_fields import strip_email_address
from digest.sources.pure.text.markup import html_to_text

# Older articles are stored, but are no news, so that a new source brings no flood on its first day.
MAX_FRESH_AGE = timedelta(hours=48)
MAX_TEXT_LENGTH = 20_000  # characters; the tagger reads no more, and few feeds give more
TEXT_FIELDS = ("id", "title", "link", "author", "summary", "content")  # of an entry


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article that is not written yet, with its tags: countries, and groups of countries.

    `own_url` is the address that it gets if another article of its source has `url`; "" if they are the same article.
    """

    guid: str
    url: str
    title: str
    excerpt: str
    text: str
    author: str
    published_at: datetime
    date_source: DateSource
    tags: tuple[Tag, ...]
    content_hash: str
    kind: KindVerdict = PLAIN_NEWS
    categories: tuple[str, ...] = ()
    groups: tuple[GroupTag, ...] = ()
    exclusions: tuple[int, ...] = ()  # that applied
    image_url: str = ""
    image_size: ImageSize | None = None
    own_url: str = ""

    def is_news(self, seen_at: datetime, *, first: bool = False) -> bool:
        """Whether the article is recent enough to be shown as new.

        In the `first` document of a source it must also have a date: an entry without one is most likely backlog.
        """
        return seen_at - self.published_at < MAX_FRESH_AGE and not (
            first and self.date_source == DateSource.SEEN
        )


@dataclass(frozen=True, slots=True)
class DraftedDocument:
    """The drafts of a document's entries, and what of it became no draft.

    `repeated` counts entries that repeat an earlier one; `problems` says of each other entry why it was left out.
    """

    drafts: Sequence[ArticleDraft]
    repeated: int
    problems: Sequence[str]


def is_same_article(draft: ArticleDraft, *, title: str, published_at: datetime) -> bool:
    """Whether a draft is the same article as an earlier one that has its guid and another address.

    `title` and `published_at` are those of the earlier one. One of them must be equal. If neither is, the source reuses
    guids, and the draft is another article.
    """
    return draft.title == title or (
        draft.date_source != DateSource.SEEN and draft.published_at == published_at
    )


def draft_articles(
    entries: Iterable[Entry],
    tagger: Tagger,
    *,
    home: str | None,
    seen_at: datetime,
    language: str = "",
    excerpt_length: int = EXCERPT_LENGTH,
) -> DraftedDocument:
    """Make one draft for each article of a document.

    `home` is the source's country, and `language` its language (BCP 47, "" if it is not known).
    """
    identified = identify_entries(map(_without_unstorable_characters, entries))
    drafts = [
        _draft(item, tagger, home=home, seen_at=seen_at, language=language, excerpt_length=excerpt_length)
        for item in identified.entries
    ]
    return DraftedDocument(drafts, identified.repeated, identified.problems)


def _without_unstorable_characters(entry: Entry) -> Entry:
    """The entry without NUL, which PostgreSQL refuses, and lone surrogates (JSON's "\\ud800"), which UTF-8 lacks."""
    texts = {name: getattr(entry, name) for name in TEXT_FIELDS}
    whole = "".join((*texts.values(), *entry.categories))
    if _storable(whole) == whole:  # nearly always, and making a new entry takes longer than this
        return entry
    storable: dict[str, Any] = {name: _storable(text) for name, text in texts.items()}
    return replace(entry, categories=tuple(map(_storable, entry.categories)), **storable)


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _draft(
    item: IdentifiedEntry,
    tagger: Tagger,
    *,
    home: str | None,
    seen_at: datetime,
    language: str,
    excerpt_length: int,
) -> ArticleDraft:
    entry = item.entry
    title = clean_title(entry.title) or item.url
    text = without_footers(html_to_text(entry.content or entry.summary)[:MAX_TEXT_LENGTH], title)
    published_at, date_source = choose_date(entry.published, entry.updated, seen_at=seen_at)
    excerpt = make_excerpt(
        entry.summary, entry.content, excerpt_length, title=title, place_at_start=tagger.place_at_start
    )
    about = tagger.tag_regions(title, text, home=home)
    categories = tuple(trim_categories(entry.categories))
    return ArticleDraft(
        guid=item.guid,
        url=item.url,
        own_url=item.own_url,
        title=title,
        excerpt=excerpt,
        text=text,
        author=with_agency(strip_email_address(entry.author), text)[:AUTHOR_LENGTH],
        published_at=published_at,
        date_source=date_source,
        kind=classify(KindInput(title, item.url, categories, language, text)),
        categories=categories,
        tags=about.countries,
        groups=about.groups,
        exclusions=about.exclusions,
        image_url=entry.image or "",
        image_size=entry.image_size,
        content_hash=hashlib.sha256("\0".join((title, excerpt, text)).encode()).hexdigest(),
    )
