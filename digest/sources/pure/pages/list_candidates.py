"""Finds the runs of a page that may be a headline or a date of a list."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from lxml import etree

from digest.sources.pure.dates.clock_words import to_24_hours
from digest.sources.pure.dates.date_finder import DateContext, DateMention, find_date, may_be_same_moment
from digest.sources.pure.dates.date_parser import parse_page_value
from digest.sources.pure.pages.text_runs import TextRun
from digest.sources.pure.text.prose import reading_length

MAX_TEXT_AROUND_DATE = 60  # characters of other text beside a date: "Politics |", "By Jo Lane", "5 comments"
MAX_TEXT_AROUND_DATE_IN_LINK = 12
MIN_TITLE_LENGTH, MAX_TITLE_LENGTH = 3, 300  # characters
HEADING_SCORE, CLASS_SCORE = 800, 400  # a heading beats a class name, and both beat any length of the title
READ_MORE_SCORE = -1000
IN_SENTENCE_SCORE = -MAX_TITLE_LENGTH
TITLE_CLASS = re.compile(r"title|headline|heading|caption(?!s)|entry-name", re.IGNORECASE)
LABEL_CLASS = re.compile(
    r"categor|section|rubric|author|byline|label|badge|comment|tag(?![a-z])|cat(?![a-z])", re.IGNORECASE
)
TIME_OF_DAY = re.compile(
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:\s*(?P<am_pm>[ap])\.?m\.?)?", re.IGNORECASE
)
DATE_SEPARATORS = tuple("|·•–—-()]:")  # between a date and a headline in one link
CERTAIN_DATE = re.compile(r"\d\d$|\d{4}|\d:\d\d|[./-]\d|月")
EDGE_CHARACTERS = " \t|·•–—-,:;()[]»«›‹→/"
READ_MORE = re.compile(
    r"(?:read (?:more|on|the full story)|more|continue reading|full story|подробнее|читать(?: далее| дальше)?|далее"
    r"|weiterlesen|mehr|lire la suite|leer más|leia mais|leggi(?: tutto)?|devamı|czytaj (?:więcej|dalej)|детальніше"
    r"|lees (?:meer|verder))\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class HeadlineCandidate:
    """A text that may be a headline. The higher its score, the more it looks like one; labels are below 0."""

    run_index: int
    text: str
    href: str
    element: etree._Element
    score: int


@dataclass(frozen=True, slots=True, eq=False)
class DateCandidate:
    """A date, or a time of day alone (then `mention` is None). `headline` is set if its link contains the date."""

    run_index: int
    element: etree._Element
    mention: DateMention | None
    headline: HeadlineCandidate | None = None
    time_of_day: timedelta = timedelta()


def find_candidates(
    runs: Sequence[TextRun], context: DateContext, own_urls: frozenset[str]
) -> tuple[list[HeadlineCandidate], list[DateCandidate]]:
    """The headlines and the dates among the runs. Links to `own_urls`, the page's own, are no headlines."""
    headlines: list[HeadlineCandidate] = []
    dates: list[DateCandidate] = []
    has_one_main_heading = sum(1 for run in runs if run.heading_level == 1) == 1
    for index, run in enumerate(runs):
        time_match = TIME_OF_DAY.fullmatch(run.text.strip(EDGE_CHARACTERS))
        if mention := find_run_date(run, context):
            dates.append(DateCandidate(index, run.element, mention))
        elif time_match:
            dates.append(DateCandidate(index, run.element, None, time_of_day=_to_time_of_day(time_match)))
        elif (run.heading_level == 1 and has_one_main_heading) or run.href.partition("#")[0] in own_urls:
            continue
        elif run.link is not None and run.href:
            headlines.append(_linked_headline(index, run, run.link, context, dates))
        elif run.heading_level:
            score = _score(run, run.text)
            headlines.append(HeadlineCandidate(index, run.text, "", run.element, score))
    return [h for h in headlines if MIN_TITLE_LENGTH <= len(h.text) <= MAX_TITLE_LENGTH], dates


def find_run_date(run: TextRun, context: DateContext) -> DateMention | None:
    """The date of a run that has hardly any other text. The attribute of a <time> element is preferred to its words."""
    attribute = parse_page_value(run.datetime_attribute, context) if run.datetime_attribute else None
    mention = find_date(run.text, context)
    if mention is None:
        return attribute if attribute and reading_length(run.text) <= MAX_TEXT_AROUND_DATE else None
    if mention.is_relative and not attribute and (run.heading_level or run.element is run.link):
        return None  # "Today" and "Hier" are names of sections and links
    other_text = text_around(run.text, mention)
    max_length = MAX_TEXT_AROUND_DATE_IN_LINK if run.link is not None else MAX_TEXT_AROUND_DATE
    if reading_length(other_text) > max_length:
        return None
    if attribute and mention.has_year and may_be_same_moment(attribute, mention.day):
        # The attribute is in UTC, the words are in the page's own zone.
        return replace(attribute, day=mention.day)
    return attribute or mention


def text_around(text: str, mention: DateMention) -> str:
    """The text before and after the date in it, without separators at its ends."""
    return (text[: mention.start] + text[mention.end :]).strip(EDGE_CHARACTERS)


def with_time_of_day(mention: DateMention, time_of_day: timedelta) -> DateMention:
    """The same day at a time of day."""
    midnight = datetime.combine(mention.day, time(), mention.moment.tzinfo)
    return DateMention(mention.start, mention.end, mention.day, midnight + time_of_day)


def naming_attributes(element: etree._Element) -> str:
    """The attributes by which a page names an element: class, microdata property and relation."""
    return " ".join(element.get(name) or "" for name in ("class", "itemprop", "rel"))


def _linked_headline(
    index: int, run: TextRun, link: etree._Element, context: DateContext, dates: list[DateCandidate]
) -> HeadlineCandidate:
    """The headline of a link. Appends the date in its words, if any, to `dates`."""
    text, mention = _split_off_date(run.text, context)
    if _is_within_sentence(link, context):
        headline = HeadlineCandidate(index, "", run.href, link, IN_SENTENCE_SCORE)
    else:
        headline = HeadlineCandidate(index, text, run.href, link, _score(run, text))
    if mention and headline.text:
        dates.append(DateCandidate(index, link, mention, headline))
    return headline


def _split_off_date(text: str, context: DateContext) -> tuple[str, DateMention | None]:
    """A headline without the date that it begins or ends with, and that date."""
    mention = find_date(text, context)
    if mention is None:
        return text, None
    raw_before, raw_after = text[: mention.start], text[mention.end :]
    before, after = raw_before.strip(EDGE_CHARACTERS), raw_after.strip(EDGE_CHARACTERS)
    is_certain = (
        CERTAIN_DATE.search(text[mention.start : mention.end]) or raw_after.lstrip()[:1] in DATE_SEPARATORS
    )
    if not before and is_certain and len(after) > MAX_TEXT_AROUND_DATE_IN_LINK:
        return after, mention  # but not for "May 9 parade is called off"
    is_separated = raw_before.rstrip()[-1:] in DATE_SEPARATORS
    if not after and is_separated and len(before) > MAX_TEXT_AROUND_DATE_IN_LINK:
        return before, mention
    return text, None


def _is_within_sentence(link: etree._Element, context: DateContext) -> bool:
    """Whether the same sentence has words before or after the link, as in an article's text."""
    previous, parent = link.getprevious(), link.getparent()
    before = (previous.tail if previous is not None else parent.text if parent is not None else "") or ""
    after = (link.tail or "").lstrip(" \n\t")
    mention = find_date(before[-100:], context)
    words_before = before[-100:][mention.end :] if mention else before
    return words_before.rstrip()[-1:].isalpha() or (
        after[:1].islower() and len(after) > MAX_TEXT_AROUND_DATE_IN_LINK
    )


def _score(run: TextRun, title: str) -> int:
    """How much a run looks like a headline: headings first, then title classes, then longer texts."""
    if READ_MORE.fullmatch(title):
        return READ_MORE_SCORE
    names = naming_attributes(run.element)
    if run.link is not None:
        names += " " + naming_attributes(run.link)
    class_score = (
        CLASS_SCORE if TITLE_CLASS.search(names) else -CLASS_SCORE if LABEL_CLASS.search(names) else 0
    )
    return (HEADING_SCORE if run.heading_level else 0) + class_score + min(len(title), MAX_TITLE_LENGTH)


def _to_time_of_day(match: re.Match[str]) -> timedelta:
    hour = to_24_hours(int(match["hour"]), match["am_pm"])
    return timedelta(hours=hour % 24, minutes=int(match["minute"]) % 60)
