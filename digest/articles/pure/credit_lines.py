"""Removes from the start of a text what says who reports from where: bylines, datelines, names of agencies.

A reader sees the source and the time beside an excerpt. The article's whole text keeps its dateline, for the tagger.
"""

import re
from collections.abc import Callable

from digest.articles.pure.boilerplate import words
from digest.articles.pure.voices import AGENCY_NAMES

MAX_HEAD_LENGTH = 90  # characters before the agency's name
MAX_PLACE_LENGTH = 40
PLACE_CONTEXT = 200  # characters of a text by which the language of a place's name is known
MAX_LINES = 3  # of one text: "[allAfrica]", the byline and the dateline
MIN_REST_LENGTH = 15  # characters that must be left
MAX_SMALL_WORDS = 3  # of a date in a dateline: "14 de enero de 2026"
# Agencies of the region that are credited in datelines, beside those whose copies are recognised.
OTHER_AGENCIES = (
    "trend",
    "kaztag",
    "казтаг",
    "казинформ",
    "qazinform",
    "akipress",
    "кабар",
    "kabar",
    "sputnik",
    "report",
    "interpressnews",
    "арменпресс",
)
# "[allAfrica]", "[Premium Times]": the first source of a text that another one passes on.
BRACKETED = re.compile(r"\[[^\[\]]{2,40}\][\s:–—-]*")
DASH = r"(?:--|[–—-])"
# As in "ALMATY, Jan 14 (Reuters) - " and "By Ann Lind (Reuters) – ".
WITH_AGENCY_IN_BRACKETS = re.compile(
    rf"(?P<head>[^()\n]{{0,{MAX_HEAD_LENGTH}}})\((?P<agency>[^()\n]{{2,30}})\)\s*(?:{DASH}|:)\s+"
)
AGENCY = "|".join(sorted(map(re.escape, (*AGENCY_NAMES, *OTHER_AGENCIES)), key=len, reverse=True))
# As in "BAKU, Azerbaijan, Jan. 14. Trend: ", "TASHKENT, January 14. /TASS/. ", "АСТАНА. КАЗИНФОРМ – ".
WITH_KNOWN_AGENCY = re.compile(
    rf"(?P<head>[^()\n]{{3,{MAX_HEAD_LENGTH}}}?[.,–—-])\s*/?(?:{AGENCY})/?\s*(?:[.:,]|\s{DASH})\s+",
    re.IGNORECASE,
)
# "ALMATY, Jan 14 — ": a place in capitals, and its country or a date.
WITHOUT_AGENCY = re.compile(
    rf"(?P<head>[^\W\d_a-zа-яё][^\W\da-zа-яё]{{2,}}[^()\n–—]{{0,20}},[^()\n–—]{{2,40}}?)\s{DASH}\s+"
)
# "ASTANA – ": a place alone. "NATO – " looks the same, so that only who knows places can tell.
PLACE_ALONE = re.compile(rf"(?P<place>[^\W\d_][^()\n:;,!?\d–—]{{1,{MAX_PLACE_LENGTH}}}?)\s?{DASH}\s+")
NAME_WORD = r"[^\W\d_][\w'’.-]*"
BYLINE = re.compile(
    rf"(?i:{'|'.join(map(re.escape, sorted(words('by'), key=len, reverse=True)))})(?P<colon>\s*:)?\s+"
    rf"(?P<head>{NAME_WORD}(?:,?\s+{NAME_WORD}){{1,6}})\s*(?:\||\s{DASH})\s+"
)
ARTICLES = frozenset(("the", "a", "an", "der", "die", "das", "le", "la", "les", "el", "los", "las"))
JOINING_WORDS = frozenset(
    ("and", "und", "et", "y", "e", "и", "та", "ve", "və", "de", "von", "van", "da", "al", "for")
)

PlaceFinder = Callable[
    [str], str
]  # the town that a text begins with, as written there; "" if it begins with none


def find_no_place(_: str) -> str:
    """The place finder of who knows no places."""
    return ""


def without_credit_lines(text: str, place_at_start: PlaceFinder = find_no_place) -> str:
    """A plain text without the byline, dateline and sources that it begins with.

    >>> without_credit_lines("ALMATY, Jan 14 (Reuters) - The port has grown by a third.")
    'The port has grown by a third.'
    """
    for _ in range(MAX_LINES):
        end = _end_of_line(text) or _end_of_place(text, place_at_start)
        rest = text[end:].lstrip()
        if not end or len(rest) < MIN_REST_LENGTH or _is_small(rest[0]):
            break
        text = rest
    return text


def _end_of_line(text: str) -> int:
    """Where the first byline, dateline or source ends; 0 if the text begins with none."""
    if match := BRACKETED.match(text):
        return match.end()
    bracketed = WITH_AGENCY_IN_BRACKETS.match(text)
    if bracketed and _is_credit(bracketed["head"]) and _names_origin(bracketed):
        return bracketed.end()
    for pattern in (WITH_KNOWN_AGENCY, WITHOUT_AGENCY, BYLINE):
        match = pattern.match(text)
        if match and _is_credit(match["head"]):
            return match.end()
    return 0


def _end_of_place(text: str, place_at_start: PlaceFinder) -> int:
    """Where a dateline ends that is nothing but a town in capitals; 0 if the text begins with none."""
    match = PLACE_ALONE.match(text)
    if match is None or not match["place"].isupper():
        return 0
    return match.end() if place_at_start(text[:PLACE_CONTEXT]) == match["place"] else 0


def _names_origin(match: re.Match[str]) -> bool:
    """Whether the words before an agency in brackets are a dateline or byline, and no subject: "The Party (PTI) –"."""
    head = match["head"].strip()
    first = head.split()[0] if head else ""
    is_agency = match["agency"].strip().casefold() in AGENCY_NAMES
    is_dateline = any(character in ",0123456789" for character in head) or (
        len(first) > 1 and first.isupper()
    )
    is_byline = first.rstrip(":").casefold() in words("by")
    return not head or is_dateline or is_byline or (is_agency and first.casefold() not in ARTICLES)


def _is_credit(head: str) -> bool:
    """Whether words are those of a place, a date and names: few of them begin with a small letter."""
    parts = re.findall(r"[^\W\d_][\w'’]*", head)
    small = [part for part in parts if _is_small(part[0]) and part not in JOINING_WORDS]
    has_date = any(character.isdigit() for character in head)
    return len(small) <= (MAX_SMALL_WORDS if has_date and len(parts) > len(small) else 0)


def _is_small(character: str) -> bool:
    """Whether a letter is a small one of a script that has two cases; Georgian is written in one."""
    return character.islower() and not "\u10d0" <= character <= "\u10ff"
