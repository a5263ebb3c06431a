"""The contents at the top of a long digest: its regions with the headline that leads each, linked to their sections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from digest.articles.pure.shown_story import ShownStory
from digest.editions.bounded_cache import BoundedCache
from digest.editions.pure.display_text import choose_headline, lang_attribute, shorten
from digest.look.pure.palette import DEFAULT_PALETTE, Palette
from digest.mail import templates
from digest.mail.pure.mime import encode_quoted_printable
from digest.mail.pure.text_wrapping import WIDTH, wrap_text

MIN_STORIES = 8  # in the mail; a shorter one is seen at a glance
MIN_SECTIONS = 2
MAX_HEADLINES = 8  # regions with their headlines; when there are more, the names alone are listed
MAX_CACHED_HEADLINES = 12_000  # of about 200 octets each
MAX_SEPARATOR_OCTETS = 12  # of what stands between two entries, as sent
MAX_HEADLINE_LENGTH = 80  # characters


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """A region in the contents as HTML and as plain text."""

    html: str
    text: str
    octets: int


@dataclass(frozen=True, slots=True)
class ContentsFrame:
    """What stands around the entries: the heading, and the beginning and end of each row."""

    heading_html: str
    heading_text: str
    row: tuple[str, str]
    octets: int


class Headline(NamedTuple):
    """The headline of a story as HTML and as plain text, cut to the room that contents have."""

    html: str
    text: str
    octets: int  # of the HTML as sent


@dataclass(frozen=True, slots=True)
class Contents:
    """The entries of a digest by region. Empty for a digest that needs none."""

    frame: ContentsFrame | None = None
    entries: Mapping[str, ContentsEntry] = field(default_factory=dict)
    has_headlines: bool = True

    @property
    def octets(self) -> int:
        """The size of the whole as sent, at most."""
        return sum(entry.octets for entry in self.entries.values()) + (self.frame.octets if self.frame else 0)

    def render(self, shown_regions: Sequence[str]) -> tuple[str, str]:
        """The contents as HTML and as plain text, of the regions that the mail has; empty if there are too few."""
        entries = [self.entries[region] for region in shown_regions if region in self.entries]
        if self.frame is None or len(entries) < MIN_SECTIONS:
            return "", ""
        frame, texts = self.frame, "".join(entry.text for entry in entries)
        start, end = frame.row
        rows = end.join(start + entry.html for entry in entries) + end
        if not self.has_headlines:
            rows = start + " · ".join(entry.html for entry in entries) + end
        return frame.heading_html + rows, frame.heading_text + texts + "\n"


NO_CONTENTS = Contents()


class Headlines:
    """Renders the headlines of contents, and keeps them."""

    def __init__(self) -> None:
        self._headlines: BoundedCache[Headline] = BoundedCache(MAX_CACHED_HEADLINES)

    def of(self, story: ShownStory, language: str) -> Headline:
        """The headline of a story in a digest of this language."""
        key = (story.id, story.version, story.report_order, language)
        return self._headlines.get(key) or self._headlines.get_or_create(
            key, lambda: _render_headline(story, language)
        )


def needs_contents(section_sizes: Sequence[int], max_stories: int) -> bool:
    """Whether a digest with sections of these sizes is long enough for contents."""
    return len(section_sizes) >= MIN_SECTIONS and min(sum(section_sizes), max_stories) >= MIN_STORIES


def build_contents(
    sections: Sequence[tuple[str, str, Sequence[ShownStory]]],
    language: str,
    headlines: Headlines,
    palette: Palette = DEFAULT_PALETTE,
) -> Contents:
    """The contents of a digest with these sections: region, its name, its stories. A region may come twice."""
    leads: dict[str, tuple[str, ShownStory]] = {}
    counts: dict[str, int] = {}
    for region, name, stories in sections:
        leads.setdefault(region, (name, stories[0]))
        counts[region] = counts.get(region, 0) + len(stories)
    has_headlines = len(leads) <= MAX_HEADLINES
    entries: dict[str, ContentsEntry] = {}
    for region, (name, lead) in leads.items():
        html, text, octets = _region(
            region, name, language, counts[region], is_first=not entries, palette=palette
        )
        if has_headlines:
            headline = headlines.of(lead, language)
            html, text = f"{html} {headline.html}", _text_line(f"{text}: {headline.text}")
            octets += headline.octets
        else:
            text = _text_line(text)
        entries[region] = ContentsEntry(html, text, octets)
    return Contents(contents_frame(language, palette), entries, has_headlines)


@lru_cache(maxsize=200)
def contents_frame(language: str, palette: Palette) -> ContentsFrame:
    """The frame of the contents in a language and in colours."""
    heading = templates.render("digest/contents.html", language)
    heading = templates.inline_fragment_styles(heading, palette).strip()
    row = templates.inline_fragment_styles('<p class="entry">|</p>', palette).strip() + "\n"
    start, end = row.split("|")
    octets = len(encode_quoted_printable(heading)) + MAX_HEADLINES * len(encode_quoted_printable(row))
    return ContentsFrame(
        heading + "\n", templates.render("digest/contents.txt", language), (start, end), octets
    )


def anchor_of(region: str) -> str:
    """The name of a region's section, as the target of a link."""
    return f"r-{region}"


@lru_cache(maxsize=4000)
def _region(
    region: str, name: str, language: str, count: int, *, is_first: bool, palette: Palette
) -> tuple[str, str, int]:
    """A region's name, linked, and its number of stories, as HTML and as text; and the octets of the HTML as sent.

    The first one is the target of the links back to the contents.
    """
    values = {"name": name, "count": count, "anchor": anchor_of(region), "is_first": is_first}
    html = templates.render("digest/entry.html", language, **values)
    html = templates.inline_fragment_styles(html, palette).strip()
    text = templates.render("digest/entry.txt", language, **values)
    return html, text, len(encode_quoted_printable(html)) + MAX_SEPARATOR_OCTETS


def _render_headline(story: ShownStory, language: str) -> Headline:
    report = story.lead
    text = shorten(choose_headline(report.title, report.excerpt, report.source), MAX_HEADLINE_LENGTH)
    values = {"headline": text, "lang": lang_attribute(report.language, language)}
    html = templates.render("digest/entry_headline.html", language, **values).strip()
    return Headline(html, text, len(encode_quoted_printable(html)))


@lru_cache(maxsize=MAX_CACHED_HEADLINES)
def _text_line(text: str) -> str:
    """A line of a list, wrapped with its later lines indented."""
    return "- " + wrap_text(text, WIDTH - len("- ")).replace("\n", "\n  ") + "\n"
