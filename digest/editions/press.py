"""A digest as it is read: fragments joined into a frame, within the size that mail clients show whole."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import escape

from digest.articles.stories import ShownStory
from digest.editions.fragments import Fragment, Fragments, FrameKey
from digest.editions.preheader import preheader
from digest.editions.store import SectionRow
from digest.mail import templates
from digest.mail.moulds import Mould

GMAIL_CLIP = 100_000  # octets of encoded HTML; Gmail cuts a message near 102 KB
FOR_SLOTS = 4_000  # octets that addresses and lines spliced in later may take
MOST_IN_MAIL = 40  # stories; the rest is on the web edition


@dataclass(frozen=True, slots=True)
class Copy:
    """What a digest is printed from."""

    subject: str
    language: str
    note: str
    sections: Sequence[SectionRow]
    web_url: str
    most: int = MOST_IN_MAIL


@dataclass(frozen=True, slots=True)
class Printed:
    """A digest with slots left for the reader's own parts: date_line, why_line and the three addresses."""

    subject: str
    preheader: str
    html: Mould
    text: Mould
    stories: int


def printed(
    copy: Copy, shown: Mapping[int, ShownStory], fragments: Fragments, *, whole: bool = False
) -> Printed:
    """Print a digest; `whole` is for the web edition, which has room for all. Stories hidden since are left out."""
    sections = [
        (slug, [shown[story] for story, _ in stories if story in shown and not shown[story].hidden])
        for slug, stories in copy.sections
    ]
    count = sum(len(stories) for _, stories in sections)
    pieces, told = _pieces(sections, copy, fragments, whole=whole)
    more = count - told
    frame = fragments.frame(FrameKey(copy.language, copy.note, more > 0))
    words = templates.translations(copy.language)
    intro = words.ngettext("%(n)s new story.", "%(n)s new stories.", count) % {"n": count}
    more_line = (
        words.ngettext("%(n)s more on the web", "%(n)s more on the web", more) % {"n": more} if more else ""
    )
    headlines = [story.lead.title for _, stories in sections for story in stories]
    title = copy.subject if count == _planned(copy) else subject(copy.language, headlines)
    lines = {
        "title": title,
        "preheader": preheader(headlines, intro),
        "intro": intro,
        "more_line": more_line,
        "web_url": copy.web_url,
    }
    return Printed(
        subject=title,
        preheader=lines["preheader"],
        html=frame.html.fill(
            {name: str(escape(line)) for name, line in lines.items()}
            | {"stories": "".join(p.html for p in pieces)}
        ),
        text=frame.text.fill(lines | {"stories": "".join(p.text for p in pieces)}),
        stories=count,
    )


def subject(language: str, headlines: Sequence[str]) -> str:
    """The lead headline and how many more there are, at most 78 characters; of no headlines, nothing."""
    values = {"headline": headlines[0] if headlines else "", "count": len(headlines)}
    line = templates.render("digest/subject.txt", language, **values).strip()
    return re.sub(r"[\s,;:–-]+…", "…", line)  # a headline that was cut behind a comma


def _planned(copy: Copy) -> int:
    """How many stories there were when the subject was written; one hidden since must not stand in it."""
    return sum(len(stories) for _, stories in copy.sections)


def _pieces(
    sections: Sequence[tuple[str, Sequence[ShownStory]]], copy: Copy, fragments: Fragments, *, whole: bool
) -> tuple[Sequence[Fragment], int]:
    """The fragments that fit, in order, and how many stories are among them."""
    room = GMAIL_CLIP - FOR_SLOTS - fragments.frame(FrameKey(copy.language, copy.note, more=True)).octets
    pieces: list[Fragment] = []
    told = 0
    for slug, stories in sections:
        head = fragments.section(slug, copy.language)
        for index, story in enumerate(stories):
            piece = fragments.story(story, copy.language)
            needed = piece.octets + (head.octets if index == 0 else 0)
            if not whole and (told >= copy.most or needed > room):
                return pieces, told
            pieces += [head, piece] if index == 0 else [piece]
            room -= needed
            told += 1
    return pieces, told
