"""The contents at the top of a long digest: its regions with the headline that leads each, linked to their sections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from digest.articles.pure.shown_story import ShownStory
from digest.editions.bounded_cache import BoundedCache
from digest.editions.pure.display_text import choose_headline, lang_attribute, shorten
from digest.mail import templates
from digest.mail.pure.mime import encode_quoted_printable

MIN_STORIES = 8  # in the mail; a shorter one is seen at a glance
MIN_SECTIONS = 2
MAX_HEADLINES = 8  # regions with their headlines; when there are more, the names alone are listed
MAX_CACHED_ENTRIES = 12_000  # of about 600 octets each
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


@dataclass(frozen=True, slots=True)
class EntryKey:
    """What an entry depends on. `story` is None where only names are listed."""

    region: str
    name: str
    language: str
    count: int
    is_first: bool  # the target of the links back to the contents
    story: tuple[int, int, tuple[int, ...]] | None


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


class ContentsEntries:
    """Renders entries of contents, and keeps them."""

    def __init__(self) -> None:
        self._entries: BoundedCache[ContentsEntry] = BoundedCache(MAX_CACHED_ENTRIES)

    def get(self, key: EntryKey, lead: ShownStory | None) -> ContentsEntry:
        """The entry of a region."""
        return self._entries.get(key) or self._entries.get_or_create(key, lambda: _render_entry(key, lead))


def needs_contents(section_sizes: Sequence[int], max_stories: int) -> bool:
    """Whether a digest with sections of these sizes is long enough for contents."""
    return len(section_sizes) >= MIN_SECTIONS and min(sum(section_sizes), max_stories) >= MIN_STORIES


def build_contents(
    sections: Sequence[tuple[str, str, Sequence[ShownStory]]],
    language: str,
    cache_of_entries: ContentsEntries,
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
        story = (lead.id, lead.version, lead.report_order) if has_headlines else None
        key = EntryKey(region, name, language, counts[region], not entries, story)
        entries[region] = cache_of_entries.get(key, lead if has_headlines else None)
    return Contents(contents_frame(language), entries, has_headlines)


@cache
def contents_frame(language: str) -> ContentsFrame:
    """The frame of the contents in a language."""
    heading = templates.inline_fragment_styles(templates.render("digest/contents.html", language)).strip()
    row = templates.inline_fragment_styles('<p class="entry">|</p>').strip() + "\n"
    start, end = row.split("|")
    octets = len(encode_quoted_printable(heading)) + MAX_HEADLINES * len(encode_quoted_printable(row))
    return ContentsFrame(
        heading + "\n", templates.render("digest/contents.txt", language), (start, end), octets
    )


def anchor_of(region: str) -> str:
    """The name of a region's section, as the target of a link."""
    return f"r-{region}"


def _render_entry(key: EntryKey, lead: ShownStory | None) -> ContentsEntry:
    values: dict[str, object] = {
        "name": key.name,
        "count": key.count,
        "anchor": anchor_of(key.region),
        "is_first": key.is_first,
        "headline": "",
        "lang": "",
    }
    if lead:
        report = lead.lead
        headline = choose_headline(report.title, report.excerpt, report.source)
        values["headline"] = shorten(headline, MAX_HEADLINE_LENGTH)
        values["lang"] = lang_attribute(report.language, key.language)
    html = templates.inline_fragment_styles(templates.render("digest/entry.html", key.language, **values))
    html = html.strip()
    text = templates.render("digest/entry.txt", key.language, **values)
    return ContentsEntry(html, text, len(encode_quoted_printable(html)) + len(" · ".encode()) * 3)
