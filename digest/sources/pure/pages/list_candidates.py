"""The headlines and dates among a page's runs, of which its lists are made."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from digest.sources.pure.dates.date_finder import Mention, Reading, find_date, stamp
from digest.sources.pure.pages.text_runs import Run

BESIDE = 60  # characters that may stand around a date: "Politics |", "By Jo Lane", "5 comments"
BESIDE_IN_LINK = 12
SHORTEST_TITLE, LONGEST_TITLE = 3, 300  # characters
TITLE_CLASS = re.compile(r"title|headline|heading|caption(?!s)|entry-name", re.IGNORECASE)
LABEL_CLASS = re.compile(
    r"categor|section|rubric|author|byline|label|badge|comment|tag(?![a-z])|cat(?![a-z])", re.IGNORECASE
)
CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:\s*([ap])\.?m\.?)?", re.IGNORECASE)
SETTING_OFF = tuple("|·•–—-()]:")  # what parts a date from a headline in one link
YEAR = re.compile(r"\d\d$|\d{4}|\d:\d\d|[./-]\d|月")
EDGES = " \t|·•–—-,:;()[]»«›‹→/"
READ_MORE = re.compile(
    r"(?:read (?:more|on|the full story)|more|continue reading|full story|подробнее|читать(?: далее| дальше)?|далее"
    r"|weiterlesen|mehr|lire la suite|leer más|leia mais|leggi(?: tutto)?|devamı|czytaj (?:więcej|dalej)|детальніше"
    r"|lees (?:meer|verder))\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Title:
    """What may be a headline, and how much it looks like one."""

    place: int
    text: str
    href: str
    element: etree._Element
    worth: int


@dataclass(frozen=True, slots=True, eq=False)
class Dated:
    """A date, or a time of day alone (`mention` is None then); `title` is the headline whose link it is a part of."""

    place: int
    element: etree._Element
    mention: Mention | None
    title: Title | None = None
    clock: timedelta = timedelta()


def parts(runs: Sequence[Run], reading: Reading, own: frozenset[str]) -> tuple[list[Title], list[Dated]]:
    """The headlines and the dates among the runs; a link to one of the page's `own` addresses is no headline."""
    titles: list[Title] = []
    dates: list[Dated] = []
    heads = sum(1 for run in runs if run.heading == 1)
    for place, run in enumerate(runs):
        clock = CLOCK.fullmatch(run.text.strip(EDGES))
        if mention := date_of(run, reading):
            dates.append(Dated(place, run.element, mention))
        elif clock:
            dates.append(Dated(place, run.element, None, clock=_time(clock)))
        elif (run.heading == 1 and heads == 1) or run.href.partition("#")[0] in own:
            continue
        elif run.link is not None and run.href:
            titles.append(_linked(place, run, run.link, reading, dates))
        elif run.heading:
            titles.append(Title(place, run.text, "", run.element, _worth(run, run.text)))
    return [title for title in titles if SHORTEST_TITLE <= len(title.text) <= LONGEST_TITLE], dates


def date_of(run: Run, reading: Reading) -> Mention | None:
    """The date that a run is about: nearly nothing else may stand in it. What <time> says to machines counts first."""
    told = stamp(run.stamp, reading) if run.stamp else None
    mention = find_date(run.text, reading)
    if mention is None:
        return told if told and len(run.text) <= BESIDE else None
    rest = run.text[: mention.start] + run.text[mention.end :]
    if len(rest.strip(EDGES)) > (BESIDE_IN_LINK if run.link is not None else BESIDE):
        return None
    return told or mention


def at_clock(day: Mention, clock: timedelta) -> Mention:
    """The same day at a time of day."""
    midnight = datetime(day.day.year, day.day.month, day.day.day, tzinfo=day.moment.tzinfo)
    return Mention(day.start, day.end, day.day, midnight + clock)


def names(element: etree._Element) -> str:
    """What an element is called by its page: class, microdata and relation."""
    return " ".join(element.get(name) or "" for name in ("class", "itemprop", "rel"))


def _linked(place: int, run: Run, link: etree._Element, reading: Reading, dates: list[Dated]) -> Title:
    """The headline of a link; a date in its own words goes to `dates`."""
    text, edge = _apart(run.text, reading)
    worth = -LONGEST_TITLE if _within_sentence(link, reading) else _worth(run, text)
    title = Title(place, "" if worth == -LONGEST_TITLE else text, run.href, link, worth)
    if edge and title.text:
        dates.append(Dated(place, link, edge, title))
    return title


def _apart(text: str, reading: Reading) -> tuple[str, Mention | None]:
    """A headline without the date that it begins or ends with, and that date."""
    mention = find_date(text, reading)
    if mention is None:
        return text, None
    before, after = text[: mention.start].strip(EDGES), text[mention.end :].strip(EDGES)
    told = YEAR.search(text[mention.start : mention.end]) or text[mention.end :].lstrip()[:1] in SETTING_OFF
    if not before and told and len(after) > BESIDE_IN_LINK:  # not "May 9 parade is called off"
        return after, mention
    set_off = text[: mention.start].rstrip()[-1:] in SETTING_OFF
    return (before, mention) if not after and len(before) > BESIDE_IN_LINK and set_off else (text, None)


def _within_sentence(link: etree._Element, reading: Reading) -> bool:
    """Whether words of the same sentence stand before or after the link, as in an article's text."""
    previous, parent = link.getprevious(), link.getparent()
    before = (previous.tail if previous is not None else parent.text if parent is not None else "") or ""
    after = (link.tail or "").lstrip(" \n\t")
    mention = find_date(before[-100:], reading)
    told = before[-100:][mention.end :] if mention else before
    return told.rstrip()[-1:].isalpha() or (after[:1].islower() and len(after) > BESIDE_IN_LINK)


def _worth(run: Run, title: str) -> int:
    """How much a run looks like a headline: headings first, then what is named so, then the longer."""
    if READ_MORE.fullmatch(title):
        return -1000
    called = names(run.element) + (" " + names(run.link) if run.link is not None else "")
    named = 400 if TITLE_CLASS.search(called) else -400 if LABEL_CLASS.search(called) else 0
    return (800 if run.heading else 0) + named + min(len(title), LONGEST_TITLE)


def _time(match: re.Match[str]) -> timedelta:
    hour = int(match[1]) % 12 + (12 if match[3].lower() == "p" else 0) if match[3] else int(match[1])
    return timedelta(hours=hour % 24, minutes=int(match[2]) % 60)
