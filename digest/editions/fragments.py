"""Fragments of digests (stories, section headings, layouts), rendered once per language and then only joined."""

import re
from copy import copy
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cache

from babel.dates import format_skeleton

from digest.articles.pure.reader_languages import prefer_languages
from digest.articles.pure.shown_story import ShownArticle, ShownStory
from digest.editions.bounded_cache import BoundedCache
from digest.editions.contents import Headlines, anchor_of
from digest.editions.fragment_values import (
    BriefHeading,
    Layout,
    LayoutKey,
    SectionHeading,
    Site,
    StoryDisplay,
    StoryFragment,
    TextAroundTime,
)
from digest.editions.link_placeholders import LinkPlaceholders
from digest.editions.pure.display_text import choose_headline, lang_attribute, safe_url, sanitize_line
from digest.editions.pure.note_markup import render_note
from digest.editions.pure.pictures import choose_picture
from digest.i18n import locales
from digest.look.pure.look import UNSAVED, Look, mail_brand
from digest.mail import templates
from digest.mail.pure.marks import Marks
from digest.mail.pure.mime import encode_quoted_printable
from digest.mail.pure.slotted_text import Block, Slot, SlotMarkers
from digest.regions.tree.region_tree import RegionTree

MAX_CACHED_STORIES = 12_000  # fragments of about 4 KB; enough for two days of news in several languages
MAX_CACHED_HEADINGS = 4000
MAX_CACHED_LAYOUTS = 200
MAX_CACHED_TIMES = 50_000
MAX_OTHER_LOOKS = 2  # beside the one at the start; each may have fragments of its own
MAX_COUNTRIES = 5  # countries named above a story
MAX_OTHER_SOURCES = 5  # sources linked beside the lead's; further ones are only counted
MAX_SOURCE_LENGTH = 60  # characters of a source's name
RECENT_AGE = timedelta(days=6)  # a weekday identifies a day within this age; older stories show a date
# Octets of a story's time as sent, at most: 24 characters of four octets each, and soft line breaks.
MAX_TIME_OCTETS = 300
TITLE_STYLE_SAMPLE = '<h3 class="title">usual</h3><h3 class="lead">of the lead</h3>'
STYLE_ATTRIBUTE = re.compile(r'style="[^"]*"')
DIGEST_SLOTS = ("title", "preheader", "intro", "contents", "stories", "more_line", "web_url")
SUBSCRIBER_SLOTS = ("date_line", "why_line", "preferences_url", "unsubscribe_url", "pause_url")
PAGE_SLOTS = ("page_links",)  # of the web edition alone


class Fragments:
    """Renders fragments and caches them. A process has one instance."""

    def __init__(self, site: Site, tree: RegionTree, *, pictures: bool = False) -> None:
        self._site, self._tree, self._pictures = site, tree, pictures
        self.look = site.own_look
        self.palette = self.look.palette
        self._slots = SlotMarkers()
        self._links = LinkPlaceholders(site.counted_links) if site.counted_links else None
        self.headlines = Headlines()
        self._stories_by_reader: BoundedCache[ShownStory] = BoundedCache(MAX_CACHED_STORIES)
        self._times: BoundedCache[str] = BoundedCache(MAX_CACHED_TIMES)
        self._layouts: BoundedCache[Layout] = BoundedCache(MAX_CACHED_LAYOUTS)
        self._others: BoundedCache[Fragments] = BoundedCache(MAX_OTHER_LOOKS)
        self._forget_coloured()

    def _forget_coloured(self) -> None:
        self._stories: BoundedCache[StoryFragment] = BoundedCache(MAX_CACHED_STORIES)
        self._brief_headings: BoundedCache[BriefHeading] = BoundedCache(MAX_CACHED_HEADINGS)
        self._headings: BoundedCache[SectionHeading] = BoundedCache(MAX_CACHED_HEADINGS)

    def in_look(self, look: Look) -> "Fragments":
        """These fragments in another look. What the other look does not change is not rendered again."""
        if look.version == self.look.version:
            return self
        if look.version == UNSAVED:
            return self._dressed(look)
        version = look.version
        return self._others.get(version) or self._others.get_or_create(version, lambda: self._dressed(look))

    def _dressed(self, look: Look) -> "Fragments":
        other = copy(self)
        other.look, other.palette = look, look.palette
        other._layouts = BoundedCache(MAX_CACHED_LAYOUTS)
        if other.palette is not self.palette:
            other._forget_coloured()
        return other

    def story_for(self, shown: ShownStory, languages: frozenset[str]) -> ShownStory:
        """The story with the reports in these languages first."""
        if not shown.is_multilingual:
            return shown
        key = (shown.id, shown.version, languages)
        return self._stories_by_reader.get(key) or self._stories_by_reader.get_or_create(
            key, lambda: prefer_languages(shown, languages)
        )

    def story(self, shown: ShownStory, display: StoryDisplay) -> StoryFragment:
        """The fragment of a story. A new version of the story is rendered again, and so is one with another lead."""
        key = (shown.id, shown.version, display, shown.report_order)
        return self._stories.get(key) or self._stories.get_or_create(
            key, lambda: self._render_story(shown, display)
        )

    def links_of(self, edition_id: int | None) -> Marks | None:
        """The links of an edition, which its displays have marks for; None if its links are not counted."""
        return self._links.of_edition(edition_id) if self._links and edition_id is not None else None

    def brief_heading(self, language: str) -> BriefHeading:
        """The heading of the list "In brief"."""
        return self._brief_headings.get(language) or self._brief_headings.get_or_create(
            language, lambda: self._render_brief_heading(language)
        )

    def heading(self, region: str, language: str) -> SectionHeading:
        """The heading of a region's section. It is rendered again when editors change the region tree."""
        key = (region, language, self._tree.snapshot.version)
        return self._headings.get(key) or self._headings.get_or_create(
            key, lambda: self._render_heading(region, language)
        )

    def layout(self, key: LayoutKey) -> Layout:
        """The layout for a key."""
        return self._layouts.get(key) or self._layouts.get_or_create(key, lambda: self._render_layout(key))

    def published_time(self, fragment: StoryFragment, zone: tzinfo, language: str) -> str:
        """When a story was published, in the subscriber's zone: "Sat 14:05", or "21 Nov 2026" for an older one."""
        key = (fragment.published_at, fragment.is_recent, zone, language)
        return self._times.get(key) or self._times.get_or_create(key, lambda: format_published(*key))

    def _link(self, article_id: int, url: str, display: StoryDisplay) -> str:
        """What leads to an article: its address, or the mark of a counted link; "" if it may be no link."""
        address = safe_url(url)
        return self._links.url(article_id) if address and self._links and display.is_counted else address

    def _render_story(self, shown: ShownStory, display: StoryDisplay) -> StoryFragment:
        lead, language = shown.lead, display.language
        countries = [self._tree.name(code.lower(), language) for code in shown.countries[:MAX_COUNTRIES]]
        others = [article for article in shown.also_in if safe_url(article.url)]
        story = {
            "title": choose_headline(lead.title, lead.excerpt, lead.source),
            "url": self._link(lead.article_id, lead.url, display),
            "source": sanitize_line(lead.source, MAX_SOURCE_LENGTH),
            "published": self._slots.marker("published"),
            "excerpt": sanitize_line(lead.excerpt),
            "also_in": [
                {"source": _source_name(article), "url": self._link(article.article_id, article.url, display)}
                for article in others[:MAX_OTHER_SOURCES]
            ],
            "also_more": len(others[MAX_OTHER_SOURCES:]),
            "countries_line": locales.list_separator(language).join(countries),
            "comma": locales.list_separator(language),
            "lang": lang_attribute(lead.language, language),
            "is_update": display.is_update,
            "earlier_headline": self._earlier_headline_values(display),
            "reason": display.reason,
        }
        template = "digest/brief" if display.is_brief else "digest/story"
        html = templates.render(f"{template}.html", language, story=story)
        html = self._inline(html)
        text = templates.render(f"{template}.txt", language, story=story)
        picture = "" if display.is_brief else self._render_picture(lead, display)
        return StoryFragment(
            html=self._split_at_time(html),
            text=self._split_at_time(text),
            published_at=lead.published_at,
            is_recent=shown.first_seen_at - lead.published_at < RECENT_AGE,
            octets=len(encode_quoted_printable(html)) + MAX_TIME_OCTETS,
            picture=picture,
            picture_octets=len(encode_quoted_printable(picture)),
        )

    def _earlier_headline_values(self, display: StoryDisplay) -> dict[str, str] | None:
        earlier = display.earlier_headline
        if earlier is None:
            return None
        return {
            "title": earlier.title,
            "url": self._link(earlier.article_id, earlier.url, display),
            "lang": lang_attribute(earlier.language, display.language),
            "day": earlier.day,
        }

    def _render_picture(self, article: ShownArticle, display: StoryDisplay) -> str:
        picture = choose_picture(article) if self._pictures and safe_url(article.url) else None
        if picture is None:
            return ""
        url = self._link(article.article_id, article.url, display)
        values = {"picture": picture, "url": url, "source": _source_name(article)}
        html = templates.render("digest/picture.html", display.language, **values)
        return self._inline(html)

    def _inline(self, html: str) -> str:
        return templates.inline_fragment_styles(html, self.palette).strip() + "\n"

    def _split_at_time(self, rendered: str) -> TextAroundTime:
        before, time, after = self._slots.parse(rendered).parts
        if not (isinstance(before, str) and isinstance(time, Slot) and isinstance(after, str)):
            raise TypeError("a story's template must have its time once, with text before and after it")
        return TextAroundTime(Block(before), Block(after))

    def _render_heading(self, region: str, language: str) -> SectionHeading:
        name = self._tree.name(region, language)
        html, target_html = (
            self._inline(templates.render("digest/section.html", language, name=name, anchor=anchor))
            for anchor in ("", anchor_of(region))
        )
        text = templates.render("digest/section.txt", language, name=name)
        octets = len(encode_quoted_printable(target_html))
        return SectionHeading(region, name, html, target_html, text, octets)

    def _render_brief_heading(self, language: str) -> BriefHeading:
        html = self._inline(templates.render("digest/brief_heading.html", language))
        text = templates.render("digest/brief_heading.txt", language)
        return BriefHeading(html, text, len(encode_quoted_printable(html)))

    def _render_layout(self, key: LayoutKey) -> Layout:
        values: dict[str, object] = {
            name: self._slots.marker(name) for name in DIGEST_SLOTS + SUBSCRIBER_SLOTS + PAGE_SLOTS
        }
        values |= {
            "lang": key.language,
            "dir": locales.text_direction(key.language),
            "notes": [note for note in map(render_note, key.notes) if note.text],
            "web": key.web_edition,
            **self._look_values(key.language),
        }
        if not key.has_more:
            values["more_line"] = ""
        html = templates.render("digest/body.html", key.language, **values)
        html = templates.inline_styles(html, self.palette)
        text = templates.render("digest/body.txt", key.language, **values)
        octets = len(encode_quoted_printable(html))
        return Layout(self._slots.parse(html).in_blocks(), self._slots.parse(text).in_blocks(), octets)

    def _look_values(self, language: str) -> dict[str, object]:
        """What the look of the site puts around the stories."""
        look = self.look.shown(language)
        return {
            "site_name": look.name,
            "site_url": self._site.url,
            "postal_address": look.words.postal_address,
            "takes_answers": look.takes_answers,
            "footer": render_note(look.words.footer),
            "counts_opens": self._site.counted_links is not None,
            "brand": mail_brand(look, self._site.url),
            "palette": self.palette,
        }


def enlarge_title(html: str) -> str:
    """A story's HTML with the larger title of the story that leads the digest, without rendering the story again.

    The first `class="title"` is our own, because quotation marks in a story's text are escaped.
    """
    usual, large = _title_styles()
    return html.replace('class="title"', 'class="lead"', 1).replace(usual, large, 1)


@cache
def _title_styles() -> tuple[str, str]:
    usual, large = STYLE_ATTRIBUTE.findall(templates.inline_fragment_styles(TITLE_STYLE_SAMPLE))
    return usual, large


def format_published(moment: datetime, is_recent: bool, zone: tzinfo, language: str) -> str:
    """A moment in a zone as CLDR writes it in a language: weekday and hour if it is recent, else the date.

    Midnight in UTC is what a publisher's date without a time is read as: it shows as that day, in every zone.
    """
    is_day = moment.astimezone(UTC).time() == time()
    local = moment.astimezone(UTC if is_day else zone)
    recent = "MMMEd" if is_day else "EHm"
    line = format_skeleton(recent if is_recent else "yMMMd", local, locale=locales.cldr_locale(language))
    return locales.localize_digits(line, language)


def _source_name(article: ShownArticle) -> str:
    """The name of an article's source; for a source without a name, the host of the article's URL."""
    return sanitize_line(article.source, MAX_SOURCE_LENGTH) or safe_url(article.url).split("/")[2]
