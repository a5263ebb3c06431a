"""Joins the stories of a digest: section by section, in full first, then in brief, as many as there is room for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache, lru_cache

from babel.dates import format_skeleton

from digest.articles.pure.chapters import Chapter
from digest.articles.pure.shown_story import ShownStory, lead_order
from digest.editions.contents import NO_CONTENTS, Contents, build_contents, needs_contents
from digest.editions.fragment_values import EarlierHeadline, SectionHeading, StoryDisplay
from digest.editions.fragments import Fragments, enlarge_title
from digest.editions.pure.digest_input import DigestInput, ShownSections
from digest.editions.pure.display_text import choose_headline
from digest.editions.pure.in_brief import divide_section
from digest.editions.reasons import describe_reasons
from digest.i18n import locales
from digest.mail.pure.slotted_text import SlottedText


@dataclass(frozen=True, slots=True)
class RenderedStories:
    """The stories that a digest shows, as HTML and as plain text, and their number."""

    html: SlottedText
    text: SlottedText
    count: int
    contents: tuple[str, str] = ("", "")  # as HTML and as plain text; empty for a short digest


# A story in its place, the heading that comes before it, and whether that of the list "In brief" does. A plain tuple,
# because a digest has one for each story.
_Item = tuple[ShownStory, StoryDisplay, SectionHeading | None, bool]


@cache
def _plain_display(language: str, is_brief: bool, is_counted: bool) -> StoryDisplay:
    """One object for all digests, because equal ones are compared faster if they are the same."""
    return StoryDisplay(language, is_brief=is_brief, is_counted=is_counted)


class StoryList:
    """The stories of one digest. `shown` has also the stories that its updates continue."""

    def __init__(self, digest: DigestInput, shown: Mapping[int, ShownStory], fragments: Fragments) -> None:
        self._digest, self._shown, self._fragments = digest, shown, fragments
        is_counted = fragments.links_of(digest.counted_in) is not None
        self._full = _plain_display(digest.language, False, is_counted)
        self._brief = _plain_display(digest.language, True, is_counted)

    def render(
        self, sections: ShownSections, octets_left: int, *, web_edition: bool = False
    ) -> RenderedStories:
        """The stories in order: all for the web edition, else as many as the mail may have and as fit."""
        digest, fragments = self._digest, self._fragments
        html: list[str] = []
        text: list[str] = []
        count = 0
        contents = self._contents(sections, web_edition=web_edition)
        octets_left -= contents.octets
        shown_regions: dict[str, None] = {}
        for story, display, heading, brief_heading in self._items(sections):
            fragment = fragments.story(story, display)
            octets_left -= fragment.octets + (heading.octets if heading else 0)
            octets_left -= 0 if count else fragment.picture_octets
            briefs = fragments.brief_heading(digest.language) if brief_heading else None
            octets_left -= briefs.octets if briefs else 0
            if not web_edition and (count >= digest.max_stories or octets_left < 0):
                break
            if heading:
                is_target = contents.entries and heading.region not in shown_regions
                html.append(heading.target_html if is_target else heading.html)
                shown_regions[heading.region] = None
                text.append(heading.text)
            if briefs:
                html.append(briefs.html)
                text.append(briefs.text)
            time = fragments.published_time(fragment, digest.zone, digest.language)
            before, after = fragment.html
            if count == 0:  # the web edition shows no picture, as its pages load nothing from other sites
                before = enlarge_title(before) if web_edition else fragment.picture + enlarge_title(before)
            html += (before, time, after)
            before, after = fragment.text
            text += (before, time, after)
            count += 1
        return RenderedStories(
            SlottedText(tuple(html)), SlottedText(tuple(text)), count, contents.render(list(shown_regions))
        )

    def _contents(self, sections: ShownSections, *, web_edition: bool) -> Contents:
        digest = self._digest
        sizes = [len(stories) for _, stories in sections]
        if not needs_contents(sizes, sum(sizes) if web_edition else digest.max_stories):
            return NO_CONTENTS
        named = [
            (region, self._fragments.heading(region, digest.language).name, stories)
            for region, stories in sections
        ]
        fragments = self._fragments
        return build_contents(named, digest.language, fragments.headlines, fragments.palette)

    def _items(self, sections: ShownSections) -> list[_Item]:
        items: list[_Item] = []
        updates, show_why = self._digest.updates, self._digest.content.show_why
        # The story that leads the digest is shown large, and an update needs room for its earlier headline.
        kept_whole = {*updates, *(stories[0].id for _, stories in sections[:1])}
        led: set[str] = set()  # regions whose first story was shown; a region may have two sections
        for region, stories in sections:
            heading: SectionHeading | None = self._fragments.heading(region, self._digest.language)
            first_in = heading.name if heading and region not in led else ""
            led.add(region)
            full, brief = divide_section(stories, kept_whole)
            for story in full:
                display = self._full
                if show_why or story.id in updates:
                    display = self._display(story, first_in if story is stories[0] else "", display)
                items.append((story, display, heading, False))
                heading = None
            for place, story in enumerate(brief):
                display = self._brief
                if show_why:
                    display = self._display(story, first_in if story is stories[0] else "", display)
                items.append((story, display, heading, place == 0 and bool(full)))
                heading = None
        return items

    def _display(self, story: ShownStory, first_in: str, plain: StoryDisplay) -> StoryDisplay:
        chapter = self._digest.updates.get(story.id)
        display = plain
        if self._digest.content.show_why:
            source_count = 1 + len(story.also_in)
            reason = describe_reasons(plain.language, source_count, first_in, chapter is not None)
            display = display._replace(reason=reason)
        if chapter:
            display = display._replace(is_update=True, earlier_headline=self._earlier_headline(chapter))
        return display

    def _earlier_headline(self, chapter: Chapter) -> EarlierHeadline | None:
        """The headline that the subscriber received; None when an editor has hidden its story since."""
        earlier = self._shown.get(chapter.story_id)
        if earlier is None or earlier.hidden:
            return None
        digest = self._digest
        reports = (earlier.lead, *earlier.also_in)
        # Reports that came later may lead the story now, but they were not in that digest.
        known = [report for report in reports if report.published_at <= chapter.sent_at] or reports
        lead = lead_order(known, sorted(digest.content.reads(digest.language)))[0]
        return EarlierHeadline(
            choose_headline(lead.title, lead.excerpt, lead.source),
            lead.url,
            lead.language,
            format_day(chapter.sent_at, digest.zone, digest.language),
            lead.article_id,
        )


@lru_cache(maxsize=4000)
def format_day(moment: datetime, zone: tzinfo, language: str) -> str:
    """The day of a moment in a zone, as CLDR writes it in a language: "Sat, 21 Nov"."""
    local = moment.astimezone(zone)
    line = format_skeleton("MMMEd", local, locale=locales.cldr_locale(language))
    return locales.localize_digits(line, language)
