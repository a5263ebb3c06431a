"""Rendered parts of digests as values, and what each is rendered from."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from digest.look.pure.look import Look, Words
from digest.mail.pure.slotted_text import SlottedText
from digest.opens.pure.counted_links import CountedLinks


@dataclass(frozen=True, slots=True)
class Site:
    """The site that mails are from."""

    name: str
    url: str
    postal_address: str
    look: Look | None = None  # None: nothing but the name and the postal address is known
    counted_links: CountedLinks | None = None  # None: links are the publishers' addresses

    @property
    def own_look(self) -> Look:
        """Its look."""
        return self.look or Look(environment=Words(name=self.name, postal_address=self.postal_address))


class TextAroundTime(NamedTuple):
    """A rendered story without its time, which differs from zone to zone: the text before it and after it."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class StoryFragment:
    """A story as HTML and as plain text."""

    html: TextAroundTime
    text: TextAroundTime
    published_at: datetime
    is_recent: bool  # whether weekday and hour identify the time
    octets: int  # size of the HTML as sent, at most
    picture: str = ""  # HTML of the story's picture; shown only where the story leads the digest
    picture_octets: int = 0


class EarlierHeadline(NamedTuple):
    """The headline of the same affair in an earlier digest, its link, and the day of that digest in words."""

    title: str
    url: str
    language: str
    day: str
    article_id: int = 0


class StoryDisplay(NamedTuple):
    """How a digest shows a story, beside the story itself."""

    language: str  # of the digest
    is_update: bool = False  # an earlier digest had a story of the same affair
    earlier_headline: EarlierHeadline | None = None  # of that story, unless it is hidden now
    reason: str = ""  # why the story is in the digest, in words; "" for subscribers who do not ask
    is_brief: bool = False  # one line, in the list "In brief"
    is_counted: bool = False  # its links are marks for those of the edition, not the publishers' addresses


@dataclass(frozen=True, slots=True)
class SectionHeading:
    """The heading of a section as HTML and as plain text, and the region with its name."""

    region: str
    name: str
    html: str
    target_html: str  # as the target of the contents' links
    text: str
    octets: int  # of the longer one


class BriefHeading(NamedTuple):
    """The heading of the list "In brief" as HTML and as plain text."""

    html: str
    text: str
    octets: int


@dataclass(frozen=True, slots=True)
class Layout:
    """All of a digest but its stories, as HTML and as plain text, with slots."""

    html: SlottedText
    text: SlottedText
    octets: int


@dataclass(frozen=True, slots=True)
class LayoutKey:
    """What a layout depends on."""

    language: str
    notes: tuple[str, ...]  # the editors', in Markdown
    has_more: bool  # whether the web edition has more stories
    web_edition: bool = False  # it belongs to nobody, so it has no links to somebody's preferences
