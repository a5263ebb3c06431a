"""Renders digests: joins fragments into a layout, within the size that mail programs show whole."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter

from markupsafe import escape

from digest.articles.pure.shown_story import ShownStory
from digest.editions.contents import needs_contents
from digest.editions.fragment_values import LayoutKey
from digest.editions.fragments import Fragments
from digest.editions.pure.digest_input import DigestInput, ShownSections
from digest.editions.pure.display_text import choose_headline, sanitize_line
from digest.editions.pure.preheader import build_preheader, not_in_subject
from digest.editions.pure.selection import MAX_DIGEST_STORIES
from digest.editions.story_list import StoryList
from digest.editions.subjects import build_subject
from digest.i18n import locales
from digest.mail.pure.marks import Marks
from digest.mail.pure.mime import encode_quoted_printable
from digest.mail.pure.slotted_text import SlottedText
from digest.mail.pure.text_wrapping import wrap_text

GMAIL_CLIP = 100_000  # octets of encoded HTML; Gmail cuts a message near 102 KB
# Octets reserved for what each delivery adds later: links, and the lines with the date and the regions.
SLOT_RESERVE_OCTETS = 6_000
QUOTED_HEADLINES = 4  # headlines that subject and preheader quote
MAX_COUNTED_SECTIONS = 6  # sections whose stories the intro counts
get_story_id = itemgetter(0)


@dataclass(frozen=True, slots=True)
class RenderedDigest:
    """A digest with slots for what differs by subscriber: date_line, why_line and the three links.

    `links` are what goes into the marks of its texts, if its links are counted.
    """

    subject: str
    preheader: str
    html: SlottedText
    text: SlottedText
    story_count: int
    links: Marks | None = None

    def page(self, values: Mapping[str, str]) -> str:
        """The whole HTML, with values in its slots."""
        html = self.html.render(values)
        return self.links.fill(html) if self.links else html


def render_digest(
    digest: DigestInput, shown: Mapping[int, ShownStory], fragments: Fragments, *, web_edition: bool = False
) -> RenderedDigest:
    """Render a digest; the web edition has all stories. Stories that were hidden after composing are left out."""
    sections = _shown_sections(digest, shown, fragments)
    count = sum(len(stories) for _, stories in sections)
    lines = _lines(digest, sections, fragments, web_edition=web_edition)
    escaped: dict[str, str] = {name: str(escape(line)) for name, line in lines.items()}
    layout = fragments.layout(LayoutKey(digest.language, digest.notes, has_more=True))
    octets_left = GMAIL_CLIP - SLOT_RESERVE_OCTETS - layout.octets - _encoded_octets(escaped)
    stories = StoryList(digest, shown, fragments).render(sections, octets_left, web_edition=web_edition)
    more_line = _more_line(digest.language, count - stories.count)
    layout = fragments.layout(LayoutKey(digest.language, digest.notes, bool(more_line), web_edition))
    contents_html, contents_text = stories.contents
    in_html: dict[str, str | SlottedText] = {
        "contents": contents_html,
        "stories": stories.html,
        "more_line": str(escape(more_line)),
    }
    in_text: dict[str, str | SlottedText] = {
        "intro": wrap_text(lines["intro"]),
        "contents": contents_text,
        "stories": stories.text,
        "more_line": more_line,
    }
    return RenderedDigest(
        subject=lines["title"],
        preheader=lines["preheader"],
        html=layout.html.fill(escaped | in_html),
        text=layout.text.fill(lines | in_text),
        story_count=count,
        links=fragments.links_of(digest.counted_in),
    )


def _lines(
    digest: DigestInput, sections: ShownSections, fragments: Fragments, *, web_edition: bool
) -> dict[str, str]:
    """What stands before the stories, and in the list of mails."""
    sizes = [len(stories) for _, stories in sections]
    count = sum(sizes)
    all_stories = chain.from_iterable(stories for _, stories in sections)
    headlines = [story_headline(story) for story in islice(all_stories, QUOTED_HEADLINES)]
    leads = [story_headline(stories[0]) for _, stories in sections[1:QUOTED_HEADLINES]]
    has_contents = needs_contents(sizes, count if web_edition else digest.max_stories)
    # The contents have the counts of the regions.
    intro = _intro([] if has_contents else sections, count, digest.language, fragments)
    title = (_is_current(digest, count) and digest.subject) or build_subject(
        digest.language, headlines, count, second=next(iter(leads), "")
    )
    others = not_in_subject(title, [*leads, *headlines[1:]])
    preheader = build_preheader(others, lambda: _lead_excerpt(sections), intro)
    return {"title": title, "intro": intro, "web_url": digest.web_url, "preheader": preheader}


def _shown_sections(
    digest: DigestInput, shown: Mapping[int, ShownStory], fragments: Fragments
) -> ShownSections:
    """The stories that can still be shown, each once, with the reports in the reader's languages first.

    Stories may have been hidden, deleted or merged since the digest was composed.
    """
    included: set[int] = set()
    languages = digest.content.reads(digest.language)
    sections: list[tuple[str, list[ShownStory]]] = []
    for region, story_refs in digest.sections:
        current = filter(None, map(shown.get, map(get_story_id, story_refs)))
        visible = {
            story.id: fragments.story_for(story, languages) if story.is_multilingual else story
            for story in current
            if not story.hidden and story.id not in included
        }
        included |= visible.keys()
        sections.append((region, list(visible.values())))
    return [(region, stories) for region, stories in sections if stories]


def story_headline(story: ShownStory) -> str:
    """The headline of a story: its title, or what replaces a missing one."""
    lead = story.lead
    return _headline(lead.title, lead.excerpt, lead.source)


@lru_cache(maxsize=20_000)
def _headline(title: str, excerpt: str, source: str) -> str:
    return choose_headline(title, excerpt, source)


def _lead_excerpt(sections: ShownSections) -> str:
    return sanitize_line(sections[0][1][0].lead.excerpt) if sections else ""


def _is_current(digest: DigestInput, count: int) -> bool:
    """Whether the stored subject still says what is in the digest, which now shows `count` stories."""
    return digest.has_own_subject or count == sum(len(stories) for _, stories in digest.sections)


def _intro(sections: ShownSections, count: int, language: str, fragments: Fragments) -> str:
    """The first line: "15 new stories · Central Asia 9 · Georgia 6"."""
    parts = [_count_line(language, count)]
    # In the order of the sections. A region may have two: of stories in the mail, and of those on the web edition only.
    counts: Counter[str] = Counter()
    for region, stories in sections:
        counts[region] += len(stories)
    if len(counts) > 1:
        parts += [
            f"{fragments.heading(region, language).name}\N{NO-BREAK SPACE}"
            f"{locales.localize_digits(str(story_count), language)}"
            for region, story_count in islice(counts.items(), MAX_COUNTED_SECTIONS)
        ]
    return " · ".join(parts) + (" · …" if len(counts) > MAX_COUNTED_SECTIONS else "")


@lru_cache(maxsize=4000)
def _count_line(language: str, count: int) -> str:
    """How many stories there are; with the most that a digest holds, there may be more."""
    catalog = locales.translations(language)
    if count >= MAX_DIGEST_STORIES:
        line = catalog.gettext("%(n)s new stories, the most that a digest holds") % {"n": count}
    else:
        line = catalog.ngettext("%(n)s new story", "%(n)s new stories", count) % {"n": count}
    return locales.localize_digits(line, language)


@lru_cache(maxsize=4000)
def _more_line(language: str, count: int) -> str:
    catalog = locales.translations(language)
    line = catalog.ngettext("%(n)s more on the web", "%(n)s more on the web", count) % {"n": count}
    return locales.localize_digits(line, language) if count else ""


def _encoded_octets(lines: Mapping[str, str]) -> int:
    """The size of these lines in the HTML as sent, soft line breaks included."""
    return len(encode_quoted_printable("\n".join(lines.values()))) + 3 * len(lines)
