"""Finds the date of the page itself, as opposed to the dates in its lists."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from digest.sources.pure.dates.date_finder import DateContext, DateMention, find_date, may_be_same_moment
from digest.sources.pure.dates.date_parser import parse_ambiguous_value, parse_page_value
from digest.sources.pure.pages.metadata import PageMetadata
from digest.sources.pure.pages.shown_dates import (
    PERIPHERAL_TAGS,
    DateLabel,
    ShownDate,
    find_date_in_text,
    find_shown_dates,
    is_within_article,
    section_tag,
    shows_headline,
)
from digest.sources.pure.pages.text_runs import TextRun

MAX_DISTANCE = 700  # characters between the headline and a date that belongs to it
MAX_DATELINE_DISTANCE = 300  # within this a date is the article's dateline, whatever the metadata says
# A date that is so much older than the metadata's is of something else: of a video, an event, another article.
MAX_DAYS_BEFORE_METADATA = timedelta(days=31)
MAX_ASIDE_DISTANCE = 150  # within this a date in an aside or a footer of the article belongs to its headline
URL_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)([/-]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")


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

    It is the first of these: the date of publication in the metadata, as far as the page shows no other one beside
    its headline; the date beside the headline; a date that is labelled as that of publication; the date in the URL;
    the date of modification in the metadata; any other date outside the lists; and the date with which a paragraph
    begins, or of which a sentence says that it is that of publication.
    """
    shown = find_shown_dates(runs, listed_run_indexes, context, headline)
    headline_index = _find_headline_run(runs, headline)
    beside = _dates_beside_headline(shown, runs, headline_index)
    url_date = _date_in_url(url or metadata.canonical, context)
    published = [
        readings for text in metadata.published if (readings := parse_ambiguous_value(text, context))
    ]
    if published:
        dateline = next(iter(beside), None)
        if dateline and not _is_certain(dateline, runs, headline_index):
            dateline = None  # it may be of something else, or of an update
        return _settle(published, dateline, shown, url_date)
    return (
        _first_publication(beside, shown, runs, url_date)
        or url_date
        or _first_date(metadata.modified, context)
        or next((date.mention for date in beside), None)
        or _any_date(shown, runs)
        or find_date_in_text(runs, listed_run_indexes, context)
    )


def _first_publication(
    beside: Sequence[ShownDate],
    shown: Sequence[ShownDate],
    runs: Sequence[TextRun],
    url_date: DateMention | None,
) -> DateMention | None:
    """The date beside the headline that is not of an update, or else a date that is labelled as of publication."""
    dateline = next((date.mention for date in beside if date.label is not DateLabel.UPDATED), None)
    if dateline:
        full_dates = (date.mention for date in shown if date.mention.has_year)
        return _with_year(dateline, [*([url_date] if url_date else []), *full_dates], url_date)
    labelled = (date.mention for date in _main_dates(shown, runs) if date.label is DateLabel.PUBLISHED)
    return next(labelled, None)


def _settle(
    published: Sequence[Sequence[DateMention]],
    dateline: ShownDate | None,
    shown: Sequence[ShownDate],
    url_date: DateMention | None,
) -> DateMention:
    """The date of publication: one of the metadata's values, each with its readings, on the day that the page shows.

    The page's own day counts: metadata in UTC may name the day before or after, and 11/01 is a day of January or
    of November. Where a page names several days of publication, the one that it shows is right.
    """
    readings = [reading for value in published for reading in value]
    shown_days = [date.mention for date in ([dateline] if dateline else [])] + (
        [url_date] if url_date else []
    )
    for day in shown_days:
        if same := next((reading for reading in readings if reading.day == day.day), None):
            return same
    for day in shown_days:
        if may_be_same_moment(published[0][0], day.day):
            return replace(published[0][0], day=day.day)
    if dateline and dateline.mention.day > published[0][0].day - MAX_DAYS_BEFORE_METADATA:
        return dateline.mention
    days = {date.mention.day for date in shown if date.mention.has_year}
    return next((reading for reading in published[0] if reading.day in days), published[0][0])


def _with_year(
    mention: DateMention, full_dates: Iterable[DateMention], url_date: DateMention | None
) -> DateMention:
    """The date with its year, if the page names the same day with its year elsewhere; its URL knows the day better."""
    if mention.has_year:
        return mention
    same = (
        date for date in full_dates if (date.day.month, date.day.day) == (mention.day.month, mention.day.day)
    )
    return next(same, None) or url_date or mention


def _is_certain(dateline: ShownDate, runs: Sequence[TextRun], headline_index: int | None) -> bool:
    """Whether a date is certainly that of the article's publication: a full date, near to the headline, after it."""
    is_vague = not dateline.mention.has_year or dateline.mention.is_relative
    if headline_index is None or is_vague or dateline.label is DateLabel.UPDATED:
        return False
    return (
        dateline.run_index > headline_index
        and _distance(runs, dateline.run_index, headline_index) <= MAX_DATELINE_DISTANCE
    )


def _first_date(texts: Iterable[str], context: DateContext) -> DateMention | None:
    return next((mention for text in texts if (mention := parse_page_value(text, context))), None)


def _dates_beside_headline(
    shown: Iterable[ShownDate], runs: Sequence[TextRun], headline_index: int | None
) -> list[ShownDate]:
    """The dates near the headline, the best first: preferably not of an update, then after the headline, then near."""
    if headline_index is None:
        return []
    near = [date for date in shown if _belongs_to_headline(date.run_index, headline_index, runs)]

    def rank(date: ShownDate) -> tuple[bool, bool, int, int]:
        is_before = date.run_index < headline_index
        distance = _distance(runs, date.run_index, headline_index)
        return date.label is DateLabel.UPDATED, is_before, distance, date.run_index

    return sorted(near, key=rank)


def _find_headline_run(runs: Sequence[TextRun], headline: str) -> int | None:
    """The index of the run that shows the headline; a heading comes before other runs."""
    indexes = [index for index, run in enumerate(runs) if shows_headline(run.text, headline)]
    headings = (index for index in indexes if runs[index].heading_level)
    return next(headings, next(iter(indexes), None))


def _belongs_to_headline(index: int, headline_index: int, runs: Sequence[TextRun]) -> bool:
    """Whether a date is near the headline, in the page's main part; a site's header above it does not count."""
    if _distance(runs, index, headline_index) > MAX_DISTANCE:
        return False
    section = section_tag(runs[index])
    if _distance(runs, index, headline_index) <= MAX_ASIDE_DISTANCE and is_within_article(runs[index]):
        return True
    if section == "header" and index < headline_index:
        return section_tag(runs[headline_index]) == "header"
    return section not in PERIPHERAL_TAGS


def _distance(runs: Sequence[TextRun], index: int, other_index: int) -> int:
    """The number of characters between two runs."""
    first, last = sorted((index, other_index))
    return sum(len(run.text) for run in runs[first + 1 : last])


def _date_in_url(url: str, context: DateContext) -> DateMention | None:
    match = URL_DATE.search(url)
    return find_date("-".join(match.group(1, 3, 4)), context) if match else None


def _main_dates(shown: Sequence[ShownDate], runs: Sequence[TextRun]) -> list[ShownDate]:
    """The dates outside the page's header and periphery."""
    return [date for date in shown if section_tag(runs[date.run_index]) not in (*PERIPHERAL_TAGS, "header")]


def _any_date(shown: Sequence[ShownDate], runs: Sequence[TextRun]) -> DateMention | None:
    """The first date outside the page's header and periphery, or else the first anywhere."""
    first = next(iter([*_main_dates(shown, runs), *shown]), None)
    return first.mention if first else None
