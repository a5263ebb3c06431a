"""Lists whose markup says nothing: lines that are headlines and dates by turns."""

import re
from collections.abc import Sequence

from digest.sources.pure.dates.date_finder import Mention

FEWEST = 3  # dated headlines in a row that make a list
SHORTEST, LONGEST = 8, 250  # characters of a headline
PROSE = re.compile(r"[.!?…。][\"'”’»)\]]*\s+\S")  # a sentence ends and another begins
# Headings that ran into the first headline when the markup was taken away.
GLUED = re.compile(
    r"(?:latest (?:news|stories|headlines|articles)|most (?:read|popular|viewed)|recent (?:news|posts|articles)"
    r"|top stories|related (?:news|articles|stories)|more news|trending|последние новости|главные новости|новости"
    r"|популярное|самое читаемое"
    r"|читайте также|останні новини|новини|letzte nachrichten|meistgelesen|aktuelles|dernières nouvelles|les plus lus"
    r"|últimas noticias|lo más leído|últimas notícias|mais lidas|ultime notizie|più letti|son haberler|en çok okunanlar"
    r"|najnowsze|ostatnie wiadomości|son xəbərlər|ən çox oxunanlar|соңғы жаңалықтар)\s*:?\s*",
    re.IGNORECASE,
)


def alternating(lines: Sequence[str], dates: dict[int, Mention]) -> list[tuple[int, int]]:
    """The places of headlines and dates of the longest list, dates after headlines or before; [] if there is none."""
    rows = [row for step in (-1, 1) for row in _rows(lines, dates, step)]
    best = max(rows, key=len, default=[])
    return best if len(best) >= FEWEST else []


def unglued(line: str) -> str:
    """A list's first headline without the heading that ran into it."""
    return GLUED.sub("", line, count=1) if GLUED.match(line) else line


def _rows(lines: Sequence[str], dates: dict[int, Mention], step: int) -> list[list[tuple[int, int]]]:
    """All unbroken rows in which a headline stands `step` lines from its date."""
    rows: list[list[tuple[int, int]]] = [[]]
    for place in sorted(dates):
        title = place + step
        if not (0 <= title < len(lines) and title not in dates and _may_be_headline(lines[title])):
            continue
        if rows[-1] and min(place, title) != max(rows[-1][-1]) + 1:
            rows.append([])
        rows[-1].append((title, place))
    return rows


def _may_be_headline(line: str) -> bool:
    """Whether it may be one: no sentence of a text, and not the list's own heading."""
    return SHORTEST <= len(line) <= LONGEST and not (
        PROSE.search(line) or line.endswith((".", "。", "।", "։")) or GLUED.fullmatch(line)
    )
