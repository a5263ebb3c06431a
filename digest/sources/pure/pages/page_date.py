"""Finds the date of the page itself, as opposed to the dates in its lists."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from digest.sources.pure.dates.date_finder import DateContext, DateMention, find_date
from digest.sources.pure.dates.date_parser import parse_page_value
from digest.sources.pure.pages.list_candidates import find_run_date
from digest.sources.pure.pages.metadata import PageMetadata
from digest.sources.pure.pages.text_runs import TextRun, self_and_ancestors
from digest.sources.pure.text.markup import collapse_whitespace

MAX_LABEL_LENGTH = 30  # characters of the label before a date: "Published:"
MAX_BYLINE_LENGTH = 160  # characters of a paragraph that is a byline and not prose
MAX_LENGTH_WITH_FULL_STOP = 60  # characters of a byline that ends with a full stop
MAX_DISTANCE = 700  # characters between the headline and a date that belongs to it
MIN_PARTIAL_HEADLINE_LENGTH = 20  # a longer run that is a part of the headline counts as it
URL_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)([/-]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
UPDATED_LABEL = re.compile(
    r"updat|modif|обновл|оновл|aktualis|mis à jour|actualiz|atualiz|aggiorn|güncel|zaktual", re.IGNORECASE
)
COPYRIGHT_NOTICE = re.compile(r"©|\(c\)|copyright|all rights|все права", re.IGNORECASE)
PERIPHERAL_TAGS = ("footer", "nav", "aside")


class _ShownDate(NamedTuple):
    """A date that the page shows, and the index of its run."""

    run_index: int
    mention: DateMention


def find_page_date(
    metadata: PageMetadata,
    runs: Sequence[TextRun],
    listed_run_indexes: frozenset[int],
    context: DateContext,
    *,
    url: str,
    headline: str,
) -> DateMention | None:
    """The date of the page at `url`, or None.

    It is the first of these: the date of publication in the metadata, the date beside the headline, the date of
    modification in the metadata, the date in the URL, and any other date outside the lists.
    """
    if mention := _first_date(metadata.published, context):
        return mention
    shown = [
        _ShownDate(index, mention)
        for index, run in enumerate(runs)
        if index not in listed_run_indexes and (mention := _find_shown_date(run, context))
    ]
    return (
        _date_beside_headline(shown, runs, headline)
        or _first_date(metadata.modified, context)
        or _date_in_url(url or metadata.canonical, context)
        or _any_date(shown, runs)
    )


def _first_date(texts: Iterable[str], context: DateContext) -> DateMention | None:
    return next((mention for text in texts if (mention := parse_page_value(text, context))), None)


def _find_shown_date(run: TextRun, context: DateContext) -> DateMention | None:
    """The date of a run that is no caption, copyright notice or prose; the second date if the first is of an update."""
    mention = find_run_date(run, context)
    if mention is None or COPYRIGHT_NOTICE.search(run.text):
        return None
    if any(element.tag == "figcaption" for element in self_and_ancestors(run.element)):
        return None
    paragraph = collapse_whitespace("".join(run.element.itertext())) if run.element.tag == "p" else ""
    max_length = MAX_LENGTH_WITH_FULL_STOP if paragraph.endswith(".") else MAX_BYLINE_LENGTH
    if len(paragraph) > max_length:
        return None
    if UPDATED_LABEL.search(run.text[: mention.start]):
        return find_date(run.text[mention.end :], context) or mention
    return mention


def _date_beside_headline(
    shown: Iterable[_ShownDate], runs: Sequence[TextRun], headline: str
) -> DateMention | None:
    """The best date near the headline: preferably not of an update, then after the headline, then the nearest."""
    headline_index = _find_headline_run(runs, headline)
    if headline_index is None:
        return None
    near = [date for date in shown if _belongs_to_headline(date.run_index, headline_index, runs)]

    def rank(date: _ShownDate) -> tuple[bool, bool, int, int]:
        is_update = bool(UPDATED_LABEL.search(_text_with_label(runs, date.run_index)))
        is_before = date.run_index < headline_index
        return is_update, is_before, _distance(runs, date.run_index, headline_index), date.run_index

    return min(near, key=rank).mention if near else None


def _find_headline_run(runs: Sequence[TextRun], headline: str) -> int | None:
    """The index of the run that shows the headline; a heading comes before other runs."""
    indexes = [index for index, run in enumerate(runs) if _shows_headline(run.text, headline)]
    headings = (index for index in indexes if runs[index].heading_level)
    return next(headings, next(iter(indexes), None))


def _belongs_to_headline(index: int, headline_index: int, runs: Sequence[TextRun]) -> bool:
    """Whether a date is near the headline, in the page's main part; a site's header above it does not count."""
    if _distance(runs, index, headline_index) > MAX_DISTANCE:
        return False
    section = _section_tag(runs[index])
    if section == "header" and index < headline_index:
        return _section_tag(runs[headline_index]) == "header"
    return section not in PERIPHERAL_TAGS


def _distance(runs: Sequence[TextRun], index: int, other_index: int) -> int:
    """The number of characters between two runs."""
    first, last = sorted((index, other_index))
    return sum(len(run.text) for run in runs[first + 1 : last])


def _text_with_label(runs: Sequence[TextRun], index: int) -> str:
    """A run's text, with the run before it if that is a label ("Updated:")."""
    before = runs[index - 1].text if index else ""
    is_label = len(before) <= MAX_LABEL_LENGTH and not any(character.isdigit() for character in before)
    return (before if is_label else "") + " " + runs[index].text


def _date_in_url(url: str, context: DateContext) -> DateMention | None:
    match = URL_DATE.search(url)
    return find_date("-".join(match.group(1, 3, 4)), context) if match else None


def _any_date(shown: Sequence[_ShownDate], runs: Sequence[TextRun]) -> DateMention | None:
    """The first date outside the page's header and periphery, or else the first anywhere."""
    main = (date for date in shown if _section_tag(runs[date.run_index]) not in (*PERIPHERAL_TAGS, "header"))
    first = next(main, next(iter(shown), None))
    return first.mention if first else None


def _shows_headline(text: str, headline: str) -> bool:
    return bool(headline) and (
        text == headline or (len(text) > MIN_PARTIAL_HEADLINE_LENGTH and text in headline)
    )


def _section_tag(run: TextRun) -> str:
    """The tag of the nearest element around a run that is a section of the page; "" if there is none.

    A header within an article or the main part counts as "article".
    """
    section_tags = ("header", "article", "main", *PERIPHERAL_TAGS)
    tag = next((str(e.tag) for e in self_and_ancestors(run.element) if e.tag in section_tags), "")
    if tag == "header" and any(e.tag in ("article", "main") for e in run.element.iterancestors()):
        return "article"
    return tag
