"""What an entry's words and dates become before they are an article's."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

from digest.sources.pure.text.markup import has_markup, plain_text, title_text

EXCERPT = 280  # characters: three lines of mail on a telephone
TITLE = 300
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web; such dates are a zero or a typing error
SKEW = timedelta(hours=1)  # publishers' clocks, and zones that forgot summer time
# Arabic, Urdu, Hindi, Armenian, Burmese and Khmer have full stops and question marks of their own.
SENTENCE_END = re.compile(r"""(?:[.!?…؟۔।॥։။។]["'”’»)\]]*(?=\s)|[。！？｡][」』”]?)""")
# A full stop after these ends no sentence: single letters ("U.S.", "J. Smith") and usual abbreviations.
ABBREVIATION = re.compile(
    r"(?:^|[\s(.])(?:\w|mr|mrs|ms|dr|prof|st|gen|col|lt|sgt|sen|rep|gov|rev|hon|no|vs|etc|approx|jan|feb|mar|apr|jun|jul"
    r"|aug|sept?|oct|nov|dec|inc|ltd|co|corp|bzw|ca|bn|г|гг|им|ул|тыс|млн|млрд|руб)\.$",
    re.IGNORECASE,
)
READ_ON = re.compile(
    r"\s*(?:\[(?:…|\.\.\.|&hellip;)\]"
    r"|(?:continue reading|read more|read the full story|читать далее|weiterlesen|lire la suite)"
    r"(?:\s*[.…»>→]+)?|the post .{1,300} (?:appeared first on|first appeared on) .{1,150})\s*$",
    re.IGNORECASE,
)

DateOrigin = Literal["published", "updated", "seen"]


def clean_title(text: str, limit: int = TITLE) -> str:
    """A headline as plain text of at most `limit` characters, cut at a word's end."""
    return _cut_at_word(title_text(text, is_html=False), limit)


def excerpt(summary: str, content: str, limit: int = EXCERPT) -> str:
    """The first sentences of an article, at most `limit` characters; cut at a word and "…" if the first is longer.

    `summary` is plain text or HTML, `content` is HTML and stands in where there is no summary.
    """
    words = _words(summary) or _words(content)
    if len(words) <= limit:
        return words
    ends = [match.end() for match in SENTENCE_END.finditer(words, 0, limit + 1) if match.end() <= limit]
    whole = [end for end in ends if not ABBREVIATION.search(words[:end][-20:])]
    # A very short first sentence ("Update.") says less than a cut one.
    if whole and whole[-1] >= limit // 4:
        return words[: whole[-1]].rstrip()
    return _cut_at_word(words, limit)


def sane_date(
    published: datetime | None, updated: datetime | None, *, seen_at: datetime
) -> tuple[datetime, DateOrigin]:
    """An article's date and where it comes from; a date in the future or before 1990 does not count."""
    candidates: tuple[tuple[datetime | None, DateOrigin], ...] = (
        (published, "published"),
        (updated, "updated"),
    )
    for moment, origin in candidates:
        if moment is not None and OLDEST <= moment <= seen_at + SKEW:
            return min(moment, seen_at), origin
    return seen_at, "seen"


def _words(text: str) -> str:
    plain = plain_text(text) if has_markup(text) else " ".join(text.split())
    return READ_ON.sub("", plain)


def _cut_at_word(text: str, limit: int) -> str:
    """`text` within `limit` characters, "…" included, cut between words if it has any."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at_word, space, _ = head.rpartition(" ")
    # Chinese and Japanese have no spaces; there the cut may be anywhere.
    kept = at_word if space and len(at_word) > limit // 2 and not text[limit - 1].isspace() else head
    return kept.rstrip(" ,;:-–—(") + "…"
