"""Turns the title, text and date of a source's entry into those of an article."""

import re
from datetime import UTC, datetime, timedelta

from digest.articles.pure.boilerplate import is_only_addresses, without_footers
from digest.articles.pure.credit_lines import PlaceFinder, find_no_place, without_credit_lines
from digest.articles.states import DateSource
from digest.sources.pure.text.markup import has_markup, html_to_text, title_to_text

EXCERPT_LENGTH = 280  # characters: three lines of mail on a telephone
TITLE_LENGTH = 300  # characters
AUTHOR_LENGTH = 200  # characters
OLDEST_DATE = datetime(1990, 1, 1, tzinfo=UTC)  # an earlier date, before the web, is a zero or a typing error
MAX_CLOCK_SKEW = timedelta(hours=1)  # some publishers' clocks are fast, or ignore summer time
# Arabic, Urdu, Hindi, Armenian, Burmese and Khmer have full stops and question marks of their own.
SENTENCE_END = re.compile(r"""(?:[.!?…؟۔।॥։။។]["'”’»)\]]*(?=\s)|[。！？｡][」』”]?)""")
# A full stop after these ends no sentence: single letters ("U.S.", "J. Smith") and usual abbreviations.
ABBREVIATION = re.compile(
    r"(?:^|[\s(.])(?:\w|mr|mrs|ms|dr|prof|st|gen|col|lt|sgt|sen|rep|gov|rev|hon|no|vs|etc|approx|jan|feb|mar|apr|jun|jul"
    r"|aug|sept?|oct|nov|dec|inc|ltd|co|corp|bzw|ca|bn|г|гг|им|ул|тыс|млн|млрд|руб)\.$",
    re.IGNORECASE,
)


def clean_title(text: str, limit: int = TITLE_LENGTH) -> str:
    """A headline as plain text of at most `limit` characters, cut at the end of a word."""
    return _cut_at_word(title_to_text(text, is_html=False), limit)


def make_excerpt(
    summary: str,
    content: str,
    limit: int = EXCERPT_LENGTH,
    *,
    title: str = "",
    place_at_start: PlaceFinder = find_no_place,
) -> str:
    """The first sentences of an article, at most `limit` characters; "" if `limit` is 0.

    A longer first sentence is cut at a word and ends with "…". `summary` is plain text or HTML. `content` is HTML; it
    is used if there is no summary. Bylines, datelines and what a publisher's software adds are left out.
    """
    if not limit:
        return ""
    text = _own_text(summary, title, place_at_start) or _own_text(content, title, place_at_start)
    if len(text) <= limit:
        return text
    ends = [match.end() for match in SENTENCE_END.finditer(text, 0, limit + 1) if match.end() <= limit]
    sentence_ends = [end for end in ends if not ABBREVIATION.search(text[:end][-20:])]
    # A very short first sentence ("Update.") says less than a longer text that is cut.
    if sentence_ends and sentence_ends[-1] >= limit // 4:
        return text[: sentence_ends[-1]].rstrip()
    return _cut_at_word(text, limit)


def choose_date(
    published: datetime | None, updated: datetime | None, *, seen_at: datetime
) -> tuple[datetime, DateSource]:
    """An article's date and where it comes from; a date in the future or before 1990 does not count."""
    for moment, date_source in ((published, DateSource.PUBLISHED), (updated, DateSource.UPDATED)):
        if moment is not None and OLDEST_DATE <= moment <= seen_at + MAX_CLOCK_SKEW:
            return min(moment, seen_at), date_source
    return seen_at, DateSource.SEEN


def _own_text(text: str, title: str, place_at_start: PlaceFinder) -> str:
    """What a reporter wrote, as plain text; "" if that is nothing but an address."""
    plain = html_to_text(text) if has_markup(text) else " ".join(text.split())
    own = without_credit_lines(without_footers(plain, title), place_at_start)
    return "" if is_only_addresses(own) else own


def _cut_at_word(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, "…" included; cut between two words if possible."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at_word, space, _ = head.rpartition(" ")
    # Chinese and Japanese have no spaces: they may be cut anywhere.
    cut = at_word if space and len(at_word) > limit // 2 and not text[limit - 1].isspace() else head
    return cut.rstrip(" ,;:-–—(") + "…"
