"""A page's own date, which is never one of the dates in its lists."""

import re
from collections.abc import Sequence

from digest.sources.pure.dates.date_finder import Mention, Reading, find_date, stamp
from digest.sources.pure.pages.list_candidates import date_of
from digest.sources.pure.pages.metadata import Facts
from digest.sources.pure.pages.text_runs import Run
from digest.sources.pure.text.markup import one_line

LONGEST_LABEL = 30  # characters of what stands before a date and says what it is the date of
LONGEST_LINE = 160  # characters of a paragraph that is a byline and no prose;
SHORT_LINE = 60  # and of one that may end with a full stop
NEAR = 700  # characters from the headline or to the text within which a date is the article's
IN_ADDRESS = re.compile(r"(?<!\d)((?:19|20)\d\d)([/-]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
CHANGED = re.compile(
    r"updat|modif|обновл|оновл|aktualis|mis à jour|actualiz|atualiz|aggiorn|güncel|zaktual", re.IGNORECASE
)
RIGHTS = re.compile(r"©|\(c\)|copyright|all rights|все права", re.IGNORECASE)
ASIDE = ("footer", "nav", "aside")


def page_date(
    facts: Facts, runs: Sequence[Run], listed: frozenset[int], reading: Reading, *, url: str, headline: str
) -> Mention | None:
    """The page's date: what it says to machines, else what stands by the headline, in its address, or alone."""
    for said in facts.published:
        if mention := stamp(said, reading):
            return mention
    shown = [
        (place, mention)
        for place, run in enumerate(runs)
        if place not in listed and (mention := _shown(run, reading))
    ]
    beside = _beside(shown, runs, headline)
    if beside:
        return beside
    for said in facts.modified:
        if mention := stamp(said, reading):
            return mention
    return _of_address(url or facts.canonical, reading) or _anywhere(shown, runs)


def _beside(shown: Sequence[tuple[int, Mention]], runs: Sequence[Run], headline: str) -> Mention | None:
    """The date nearest to the headline, after it before before it; of two, the one that doesn't speak of a change."""
    head = next((place for place, run in enumerate(runs) if run.heading and _same(run.text, headline)), None)
    if head is None:
        head = next((place for place, run in enumerate(runs) if _same(run.text, headline)), None)
    if head is None:
        return None
    near = []
    for place, mention in shown:
        between = runs[head + 1 : place] if place > head else runs[place + 1 : head]
        distance = sum(len(run.text) for run in between)
        if (
            distance <= NEAR
            and _room(runs[place]) not in ASIDE
            and not (place < head and _room(runs[place]) == "header" != _room(runs[head]))
        ):
            near.append(
                (bool(CHANGED.search(_with_before(runs, place))), place < head, distance, place, mention)
            )
    return min(near, key=lambda one: one[:4])[4] if near else None


def _shown(run: Run, reading: Reading) -> Mention | None:
    """The date that a run shows; of "updated" and "published" in one line the latter, and none of a sentence's."""
    mention = date_of(run, reading)
    captions = any(one.tag == "figcaption" for one in (run.element, *run.element.iterancestors()))
    if mention is None or captions or RIGHTS.search(run.text):
        return None
    around = one_line("".join(run.element.itertext())) if run.element.tag == "p" else ""
    if len(around) > LONGEST_LINE or (len(around) > SHORT_LINE and around.endswith(".")):
        return None
    if CHANGED.search(run.text[: mention.start]):
        return find_date(run.text[mention.end :], reading) or mention
    return mention


def _with_before(runs: Sequence[Run], place: int) -> str:
    """A run with the label that stands before it ("Updated:")."""
    before = runs[place - 1].text if place else ""
    label = len(before) <= LONGEST_LABEL and not any(character.isdigit() for character in before)
    return (before if label else "") + " " + runs[place].text


def _of_address(url: str, reading: Reading) -> Mention | None:
    match = IN_ADDRESS.search(url)
    return find_date("-".join(match.group(1, 3, 4)), reading) if match else None


def _anywhere(shown: Sequence[tuple[int, Mention]], runs: Sequence[Run]) -> Mention | None:
    """A date elsewhere on the page: the last that is given with the year; the text's own before the page's edges."""
    own = [mention for place, mention in shown if _room(runs[place]) not in (*ASIDE, "header")]
    return next(iter(own), None) or next((mention for _, mention in shown), None)


def _same(text: str, headline: str) -> bool:
    return bool(headline) and (text == headline or (len(text) > 20 and text in headline))


def _room(run: Run) -> str:
    """The part of the page that a run is in: header, footer, nav, aside, article or main, the nearest; "" in none."""
    rooms = ("header", "article", "main", *ASIDE)
    found = next((str(e.tag) for e in (run.element, *run.element.iterancestors()) if e.tag in rooms), "")
    if found == "header" and any(a.tag in ("article", "main") for a in run.element.iterancestors()):
        return "article"
    return found
