"""Stories, section heads and frames of digests, each rendered once per language and then only joined."""

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from threading import RLock
from typing import Generic, TypeVar

from babel.dates import format_skeleton

from digest.articles.pure.shown_story import Report, ShownStory
from digest.editions.pure.display_text import address, headline, language_of, plain
from digest.editions.pure.pictures import picture
from digest.i18n import locales
from digest.mail import templates
from digest.mail.pure.mime import quoted_printable
from digest.mail.pure.slotted_text import Mould, Slot, Slots
from digest.regions.tree.region_tree import RegionTree

STORIES_KEPT = 12_000  # fragments of about 4 KB; two days of a busy newsroom in several languages
COUNTRIES_NAMED = 5  # of a story that is about more
ALSO_NAMED = 5  # sources beside the lead's; of the others it is said how many they are
SOURCE = 60  # characters of a source's name
RECENT = timedelta(days=6)  # a weekday says which day it was; of what is older, the date does
BLANK_LINE = re.compile(r"(?:\r?\n[ \t]*){2,}")  # browsers send a form's line breaks as CR LF
TIME_OCTETS = (
    300  # that a story's time takes as sent, at most: 24 characters of four octets each, and soft breaks
)


@dataclass(frozen=True, slots=True)
class Site:
    """What every mail says of its sender."""

    name: str
    url: str
    postal_address: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """A story in both forms, each in two pieces: before and behind its time, which is another in each zone."""

    html: tuple[str, str]
    text: tuple[str, str]
    published_at: datetime
    recent: bool  # whether the weekday and hour say when it was
    octets: int  # of the HTML as sent, at most
    picture: str = ""  # HTML that goes before it where it leads the digest
    picture_octets: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a section in both forms, and the region's name."""

    name: str
    html: str
    text: str
    octets: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Head and foot of a digest, with slots."""

    html: Mould
    text: Mould
    octets: int


@dataclass(frozen=True, slots=True)
class FrameKey:
    """What makes one frame differ from another: its language, the editor's note, whether there is more online, and
    whether it is the web edition, which is nobody's own."""

    language: str
    note: str
    more: bool
    web: bool = False


TITLES = '<h3 class="title">usual</h3><h3 class="lead">of the lead</h3>'
INLINE = re.compile(r'style="[^"]*"')
Value = TypeVar("Value")
DIGEST_SLOTS = ("title", "preheader", "intro", "stories", "more_line", "web_url")
READER_SLOTS = ("date_line", "why_line", "preferences_url", "unsubscribe_url", "pause_url")


class Kept(Generic[Value]):
    """What was made, by key. When it gets too much, the older half goes: what is in use is soon there again."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._made: dict[Hashable, Value] = {}
        self._lock = RLock()  # web processes have threads
        self.get = self._made.get  # takes no lock: a dictionary's look-up is one step

    def add(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Make the value of a key, unless somebody else has meanwhile."""
        with self._lock:
            if len(self._made) >= self._limit:
                for old in list(self._made)[: self._limit // 2]:
                    del self._made[old]
            return self._made.setdefault(key, make())


class Fragments:
    """Renders fragments and keeps those used last. One of these per process."""

    def __init__(self, site: Site, tree: RegionTree, *, pictures: bool = False) -> None:
        self._site, self._tree, self._pictures = site, tree, pictures
        self._slots = Slots()
        self._stories: Kept[Fragment] = Kept(STORIES_KEPT)
        self._headings: Kept[Heading] = Kept(4000)
        self._frames: Kept[Frame] = Kept(200)
        self._times: Kept[str] = Kept(50_000)

    def story(self, shown: ShownStory, language: str) -> Fragment:
        """A story's fragment; rendered again when its version has changed."""
        key = (shown.id, shown.version, language)
        return self._stories.get(key) or self._stories.add(key, lambda: self._render_story(shown, language))

    def heading(self, region: str, language: str) -> Heading:
        """The head of a section; editors may change what a region is called."""
        key = (region, language, self._tree.shape.version)
        return self._headings.get(key) or self._headings.add(
            key, lambda: self._render_heading(self._tree.name(region, language), language)
        )

    def frame(self, key: FrameKey) -> Frame:
        """The frame of a language, with a note of the editor's or none."""
        return self._frames.get(key) or self._frames.add(key, lambda: self._render_frame(key))

    def time(self, fragment: Fragment, zone: tzinfo, language: str) -> str:
        """When a story was published, where the reader is: "Sat 14:05", or "21 Nov 2026" of an older one."""
        key = (fragment.published_at, fragment.recent, zone, language)
        return self._times.get(key) or self._times.add(key, lambda: time_line(*key))

    def _render_story(self, shown: ShownStory, language: str) -> Fragment:
        report = shown.lead
        names = [self._tree.name(code.lower(), language) for code in shown.countries[:COUNTRIES_NAMED]]
        source = plain(report.source, SOURCE)
        also_in = [r for r in shown.also_in if address(r.url)]
        story = {
            "title": headline(report.title, report.excerpt, report.source),
            "url": address(report.url),
            "source": source,
            "published": self._slots.mark("published"),
            "excerpt": plain(report.excerpt),
            "also_in": [{"source": _name(r), "url": address(r.url)} for r in also_in[:ALSO_NAMED]],
            "also_more": len(also_in[ALSO_NAMED:]),
            "countries_line": locales.comma(language).join(names),
            "comma": locales.comma(language),
            "lang": language_of(report.language, language),
        }
        html = templates.render("digest/story.html", language, story=story)
        html = templates.inlined_fragment(html).strip() + "\n"
        text = templates.render("digest/story.txt", language, story=story)
        pictured = self._render_picture(report, language)
        return Fragment(
            html=self._halves(html),
            text=self._halves(text),
            published_at=report.published_at,
            recent=shown.first_seen_at - report.published_at < RECENT,
            octets=len(quoted_printable(html)) + TIME_OCTETS,
            picture=pictured,
            picture_octets=len(quoted_printable(pictured)),
        )

    def _render_picture(self, report: Report, language: str) -> str:
        found = picture(report) if self._pictures and address(report.url) else None
        if found is None:
            return ""
        values = {"picture": found, "url": address(report.url), "source": _name(report)}
        html = templates.render("digest/picture.html", language, **values)
        return templates.inlined_fragment(html).strip() + "\n"

    def _halves(self, rendered: str) -> tuple[str, str]:
        before, time, behind = self._slots.mould(rendered).parts
        if not (isinstance(before, str) and isinstance(time, Slot) and isinstance(behind, str)):
            raise TypeError("a story's template has its time once, with text before and behind it")
        return before, behind

    def _render_heading(self, name: str, language: str) -> Heading:
        html = templates.inlined_fragment(templates.render("digest/section.html", language, name=name))
        html = html.strip() + "\n"
        text = templates.render("digest/section.txt", language, name=name)
        return Heading(name, html, text, len(quoted_printable(html)))

    def _render_frame(self, key: FrameKey) -> Frame:
        values: dict[str, object] = {name: self._slots.mark(name) for name in DIGEST_SLOTS + READER_SLOTS}
        values |= {
            "lang": key.language,
            "dir": locales.direction(key.language),
            "note": [plain(paragraph, len(paragraph)) for paragraph in BLANK_LINE.split(key.note)],
            "web": key.web,
            "site_name": self._site.name,
            "site_url": self._site.url,
            "postal_address": self._site.postal_address,
        }
        if not key.more:
            values["more_line"] = ""
        html = templates.inlined(templates.render("digest/body.html", key.language, **values))
        text = templates.render("digest/body.txt", key.language, **values)
        return Frame(self._slots.mould(html), self._slots.mould(text), len(quoted_printable(html)))


def enlarged(html: str) -> str:
    """A story's fragment as a digest's lead: its title gets the larger style, so that it isn't rendered once more.

    The first `class="title"` is our own: quotes that strangers wrote are escaped.
    """
    usual, large = _title_styles()
    return html.replace('class="title"', 'class="lead"', 1).replace(usual, large, 1)


@cache
def _title_styles() -> tuple[str, str]:
    usual, large = INLINE.findall(templates.inlined_fragment(TITLES))
    return usual, large


def time_line(moment: datetime, recent: bool, zone: tzinfo, language: str) -> str:
    """A moment in a zone, as CLDR writes it in a language; of a `recent` one, weekday and hour."""
    local = moment.astimezone(zone)
    line = format_skeleton("EHm" if recent else "yMMMd", local, locale=locales.locale(language))
    return locales.digits(line, language)


def _name(report: Report) -> str:
    return plain(report.source, SOURCE) or address(report.url).split("/")[2]
