"""A digest as it is read: fragments joined into a frame, within the size that mail clients show whole."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter

from markupsafe import escape

from digest.articles.pure.shown_story import ShownStory
from digest.editions.fragments import Fragments, FrameKey, enlarged
from digest.editions.pure.display_text import headline, plain
from digest.editions.pure.preheader import preheader
from digest.editions.store.editions import SectionRow
from digest.i18n import locales
from digest.mail import templates
from digest.mail.pure.mime import quoted_printable
from digest.mail.pure.slotted_text import Mould
from digest.mail.pure.text_wrapping import wrapped

GMAIL_CLIP = 100_000  # octets of encoded HTML; Gmail cuts a message near 102 KB
FOR_SLOTS = 6_000  # octets that addresses and the lines of date and regions, spliced in later, may take
MOST_IN_MAIL = 40  # stories; the rest is on the web edition
TOLD_FIRST = 4  # headlines that subject and preheader tell
SUMMED = 6  # sections whose stories are counted in the first lines
FIRST = itemgetter(0)

Sections = Sequence[tuple[str, Sequence[ShownStory]]]


@dataclass(frozen=True, slots=True)
class Copy:
    """What a digest is printed from. The zone is the readers' own; `most` is how many stories they want in the mail."""

    subject: str
    language: str
    note: str
    sections: Sequence[SectionRow]
    web_url: str
    most: int = MOST_IN_MAIL
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Printed:
    """A digest with slots left for the reader's own parts: date_line, why_line and the three addresses."""

    subject: str
    preheader: str
    html: Mould
    text: Mould
    stories: int


@dataclass(frozen=True, slots=True)
class Pages:
    """The stories of a digest in both forms, and how many of them there are."""

    html: str
    text: str
    told: int


def printed(
    copy: Copy, shown: Mapping[int, ShownStory], fragments: Fragments, *, whole: bool = False
) -> Printed:
    """Print a digest; `whole` is for the web edition, which has room for all. Stories hidden since are left out."""
    sections = _sections(copy, shown)
    count = sum(len(stories) for _, stories in sections)
    first = [called(story) for story in islice(chain.from_iterable(s for _, s in sections), TOLD_FIRST)]
    intro = _intro(sections, count, copy.language, fragments)
    lines = {
        "title": (count == _planned(copy) and copy.subject) or subject(copy.language, first, count),
        "intro": intro,
        "preheader": preheader(first, lambda: _begins(sections), intro),
        "web_url": copy.web_url,
    }
    escaped = {name: str(escape(line)) for name, line in lines.items()}
    pages = _pages(sections, copy, fragments, taken=_octets(escaped), whole=whole)
    more = _more(copy.language, count - pages.told)
    frame = fragments.frame(FrameKey(copy.language, copy.note, bool(more), whole))
    in_text = {"intro": wrapped(intro), "stories": pages.text, "more_line": more}
    return Printed(
        subject=lines["title"],
        preheader=lines["preheader"],
        html=frame.html.fill(escaped | {"stories": pages.html, "more_line": str(escape(more))}),
        text=frame.text.fill(lines | in_text),
        stories=count,
    )


def subject(language: str, headlines: Iterable[str], count: int) -> str:
    """The first headline with words and how many of `count` stories are beside it, at most 78 characters; of none,
    nothing."""
    lead = next(filter(None, map(plain, headlines)), "")
    if not lead:
        return ""
    return _subject(language, lead, count)


@lru_cache(maxsize=20_000)  # digests with the same lead and as many stories are many
def _subject(language: str, lead: str, count: int) -> str:
    line = templates.render("digest/subject.txt", language, headline=lead, count=count).strip()
    return re.sub(r"[\s,;:–-]+…", "…", line)  # a headline that was cut behind a comma


def _sections(copy: Copy, shown: Mapping[int, ShownStory]) -> Sections:
    """What there is still to show, once: stories may have been hidden, forgotten or joined since the digest was
    composed."""
    told: set[int] = set()
    sections: list[tuple[str, list[ShownStory]]] = []
    for slug, stories in copy.sections:
        now = filter(None, map(shown.get, map(FIRST, stories)))
        once = {story.id: story for story in now if not story.hidden and story.id not in told}
        told |= once.keys()
        sections.append((slug, list(once.values())))
    return [(slug, stories) for slug, stories in sections if stories]


def called(story: ShownStory) -> str:
    """The headline of a story: its title, or what stands in for one."""
    lead = story.lead
    return _cleaned(lead.title, lead.excerpt, lead.source)


@lru_cache(maxsize=20_000)
def _cleaned(title: str, excerpt: str, source: str) -> str:
    return headline(title, excerpt, source)


def _begins(sections: Sections) -> str:
    """How the lead begins."""
    return plain(sections[0][1][0].lead.excerpt) if sections else ""


def _planned(copy: Copy) -> int:
    """How many stories there were when the subject was written; one hidden since must not stand in it."""
    return sum(len(stories) for _, stories in copy.sections)


def _intro(sections: Sections, count: int, language: str, fragments: Fragments) -> str:
    """ "15 new stories · Central Asia 9 · Georgia 6"."""
    parts = [_counted(language, count)]
    counts: Counter[str] = (
        Counter()
    )  # a region stands twice, when some of its stories are on the web edition alone
    for slug, stories in sections:
        counts[slug] += len(stories)
    if len(counts) > 1:
        parts += [
            f"{fragments.heading(slug, language).name}\N{NO-BREAK SPACE}{locales.digits(str(told), language)}"
            for slug, told in counts.most_common()[:SUMMED]
        ]
    return " · ".join(parts) + (" · …" if len(counts) > SUMMED else "")


@lru_cache(maxsize=4000)
def _counted(language: str, count: int) -> str:
    words = locales.translations(language)
    line = words.ngettext("%(n)s new story", "%(n)s new stories", count) % {"n": count}
    return locales.digits(line, language)


@lru_cache(maxsize=4000)
def _more(language: str, more: int) -> str:
    words = locales.translations(language)
    line = words.ngettext("%(n)s more on the web", "%(n)s more on the web", more) % {"n": more}
    return locales.digits(line, language) if more else ""


def _pages(sections: Sections, copy: Copy, fragments: Fragments, *, taken: int, whole: bool) -> Pages:
    """The stories that fit beside the `taken` octets of other lines, in order."""
    language = copy.language
    frame = fragments.frame(FrameKey(language, copy.note, more=True))
    room = GMAIL_CLIP - FOR_SLOTS - frame.octets - taken
    html: list[str] = []
    text: list[str] = []
    told = 0
    for slug, stories in sections:
        head = fragments.heading(slug, language)
        for index, story in enumerate(stories):
            piece = fragments.story(story, language)
            room -= piece.octets if index else piece.octets + head.octets
            room -= 0 if told else piece.picture_octets
            if not whole and (told >= copy.most or room < 0):
                return Pages("".join(html), "".join(text), told)
            if index == 0:
                html.append(head.html)
                text.append(head.text)
            time = fragments.time(piece, copy.zone, language)
            before, behind = piece.html
            if told == 0:  # pages load nothing from elsewhere: a picture is the mail's alone
                before = enlarged(before) if whole else piece.picture + enlarged(before)
            html += (before, time, behind)
            text += (piece.text[0], time, piece.text[1])
            told += 1
    return Pages("".join(html), "".join(text), told)


def _octets(lines: Mapping[str, str]) -> int:
    """What the digest's own lines, escaped, take in the HTML as sent, soft line breaks included."""
    return len(quoted_printable("\n".join(lines.values()))) + 3 * len(lines)
