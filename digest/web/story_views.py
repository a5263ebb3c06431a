"""Stories as pages and feeds show them: with lines that are safe to show, and times as readers write them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice

from digest.articles.pure.shown_story import ShownStory
from digest.editions.fragments import format_published
from digest.editions.pure.display_text import choose_headline, lang_attribute, safe_url, sanitize_line
from digest.editions.pure.sections import Section
from digest.regions.tree.region_tree import RegionTree

MAX_OTHER_SOURCES = 5  # linked beside the lead's


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story on a page or in a feed."""

    id: int
    title: str
    url: str  # "" if the address may not be a link
    excerpt: str
    source: str
    language: str  # for the attribute `lang`; "" for the page's own
    published_at: datetime
    first_seen_at: datetime
    published: str  # in words, in the zone of the page
    countries: tuple[str, ...]
    also_in: tuple[tuple[str, str], ...]  # (source, address)


@dataclass(frozen=True, slots=True)
class SectionView:
    """The stories of a region on a page."""

    slug: str
    name: str
    stories: Sequence[StoryView]


def view_story(
    story: ShownStory, tree: RegionTree, *, lang: str, zone: tzinfo, is_recent: bool = True
) -> StoryView:
    """A story for a page in the language `lang`, with its time in `zone`: the hour if it is recent, else the date."""
    lead = story.lead
    others = [
        (sanitize_line(report.source), safe_url(report.url))
        for report in story.also_in
        if safe_url(report.url)
    ]
    return StoryView(
        id=story.id,
        title=choose_headline(lead.title, lead.excerpt, lead.source),
        url=safe_url(lead.url),
        excerpt=sanitize_line(lead.excerpt),
        source=sanitize_line(lead.source),
        language=lang_attribute(lead.language, lang),
        published_at=lead.published_at,
        first_seen_at=story.first_seen_at,
        published=format_published(lead.published_at, is_recent, zone, lang),
        countries=tuple(tree.name(code.lower(), lang) for code in story.countries),
        also_in=tuple(islice(others, MAX_OTHER_SOURCES)),
    )


def view_sections(
    sections: Iterable[Section],
    shown: Mapping[int, ShownStory],
    tree: RegionTree,
    *,
    lang: str,
    zone: tzinfo,
    limit: int,
) -> Sequence[SectionView]:
    """The first `limit` stories of a digest that are not hidden, in its sections."""
    views: list[SectionView] = []
    left = limit
    for region, refs in sections:
        visible = [shown[ref[0]] for ref in refs if ref[0] in shown and not shown[ref[0]].hidden]
        stories = [view_story(story, tree, lang=lang, zone=zone) for story in visible[:left]]
        left -= len(stories)
        if stories:
            views.append(SectionView(region, tree.name(region, lang), stories))
    return views
