"""Stories, section heads and frames of digests, each rendered once per language and then only joined."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock
from typing import TypeVar

from digest.articles.stories import ShownStory
from digest.mail import templates
from digest.mail.messages import quoted_printable
from digest.mail.moulds import Mould, Slots
from digest.regions.tree import RegionTree

STORIES_KEPT = 6000  # fragments of about 3 KB; two days of a busy newsroom in two languages
COUNTRIES_NAMED = 5  # of a story that is about more


@dataclass(frozen=True, slots=True)
class Site:
    """What every mail says of its sender."""

    name: str
    url: str
    postal_address: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a digest in both forms, and the size of its HTML as sent."""

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
    """What makes one frame differ from another: its language, the editor's note, and whether there is more online."""

    language: str
    note: str
    more: bool


Key = TypeVar("Key")
Value = TypeVar("Value")
DIGEST_SLOTS = ("title", "preheader", "intro", "stories", "more_line", "web_url")
READER_SLOTS = ("date_line", "why_line", "preferences_url", "unsubscribe_url", "pause_url")


class Fragments:
    """Renders fragments and keeps those used last. One of these per process."""

    def __init__(self, site: Site, tree: RegionTree) -> None:
        self._site, self._tree = site, tree
        self._slots = Slots()
        self._lock = RLock()  # web processes have threads
        self._stories: OrderedDict[tuple[int, int, str], Fragment] = OrderedDict()
        self._sections: OrderedDict[tuple[str, str], Fragment] = OrderedDict()
        self._frames: OrderedDict[FrameKey, Frame] = OrderedDict()

    def story(self, shown: ShownStory, language: str) -> Fragment:
        """A story's fragment; rendered again when its version has changed."""
        key = (shown.id, shown.version, language)
        return self._kept(self._stories, key, lambda: self._render_story(shown, language), STORIES_KEPT)

    def section(self, region: str, language: str) -> Fragment:
        """The head of a section; editors may change what a region is called."""
        key = (self._tree.name(region, language), language)
        return self._kept(self._sections, key, lambda: self._render_section(*key), 2000)

    def frame(self, key: FrameKey) -> Frame:
        """The frame of a language, with a note of the editor's or none."""
        return self._kept(self._frames, key, lambda: self._render_frame(key), 100)

    def _kept(
        self, cache: "OrderedDict[Key, Value]", key: Key, make: Callable[[], Value], limit: int
    ) -> Value:
        with self._lock:
            if key not in cache:
                cache[key] = make()
                if len(cache) > limit:
                    cache.popitem(last=False)
            cache.move_to_end(key)
            return cache[key]

    def _render_story(self, shown: ShownStory, language: str) -> Fragment:
        names = [self._tree.name(code.lower(), language) for code in shown.countries[:COUNTRIES_NAMED]]
        story = {
            "title": shown.lead.title,
            "url": shown.lead.url,
            "source": shown.lead.source,
            "published_line": "",
            "excerpt": shown.lead.excerpt,
            "also_in": [{"source": report.source, "url": report.url} for report in shown.also_in],
            "countries_line": ", ".join(names),
        }
        return _fragment("story", language, story=story)

    def _render_section(self, name: str, language: str) -> Fragment:
        return _fragment("section", language, name=name)

    def _render_frame(self, key: FrameKey) -> Frame:
        values: dict[str, object] = {name: self._slots.mark(name) for name in DIGEST_SLOTS + READER_SLOTS}
        values |= {
            "lang": key.language,
            "dir": templates.direction(key.language),
            "note": key.note,
            "site_name": self._site.name,
            "site_url": self._site.url,
            "postal_address": self._site.postal_address,
        }
        if not key.more:
            values["more_line"] = ""
        html = templates.inlined(templates.render("digest/body.html", key.language, **values))
        text = templates.render("digest/body.txt", key.language, **values)
        return Frame(self._slots.mould(html), self._slots.mould(text), len(quoted_printable(html)))


def _fragment(template: str, language: str, **values: object) -> Fragment:
    html = templates.inlined_fragment(templates.render(f"digest/{template}.html", language, **values))
    return Fragment(
        html, templates.render(f"digest/{template}.txt", language, **values), len(quoted_printable(html))
    )
