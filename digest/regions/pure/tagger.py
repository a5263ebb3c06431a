"""Which countries a text is about: its mentions, weighed by what they are and where they stand."""

import re
from collections.abc import Collection, Iterator
from operator import itemgetter
from typing import NamedTuple

from digest.regions.pure import text_language
from digest.regions.pure.ambiguity import Given, qualify, without_other_things
from digest.regions.pure.company_names import without_firms
from digest.regions.pure.disambiguation import choose
from digest.regions.pure.foreign_names import is_english
from digest.regions.pure.mentions import Finder, Mention
from digest.regions.pure.vocabulary import Gazetteer, Kind, Where

LONGEST_TITLE = 1_000  # characters read; what comes after is no headline
LONGEST_TEXT = 20_000  # characters read: some ten pages, and a bound on what a hostile text can cost
MOST_TAGS = 5  # a text about more countries than these is about none of the others
MOST_EVIDENCE = 5  # per country: enough to show why
LEAD = 250  # characters after the dateline: the first paragraph, which says what a story is about
DATELINE_WITHIN = 300  # characters; some sites repeat the title before it
HOME_BONUS = 1.15  # factor: what a source tells of its own country is rarely in passing
# Shares of the best country's weight from which on a country is what the text is about, by the best place it has.
FOCUS: dict[Where, float] = {"title": 0.5, "lead": 0.4, "text": 0.55, "dateline": 0.15}
# The same where no title has the best country's weight raised above the others': they must come nearer to it.
FOCUS_WITHOUT_TITLE: dict[Where, float] = {"title": 0.5, "lead": 0.6, "text": 0.65, "dateline": 0.15}
# In what a feed gives nothing has the room to be said twice: a name in the title is enough, and beside a country of the
# title or dateline where it happened ("were brought to Thailand"). Shares as above, for such mentions alone.
SHORT_TEXT = 400  # characters
SHORT_FOCUS = {"title": 0.3, "where": 0.25}
SHORT_FOCUS_WITHOUT_TITLE = {"title": 0.3}
WHERE = re.compile(
    r"\b(?:across|against|at|between|for|from|in|inside|into|near|offshore|on|outside|to|towards?"
    r"|(?:north|south|east|west)ern) (?:the )?$",
    re.IGNORECASE,
)
LONGEST_WHERE = 16  # characters
FLOOR = 0.5  # weight from which on a country is a tag at all: one clue is none, but in the first paragraph or title

PLACE_WEIGHT: dict[Where, float] = {"title": 3.8, "dateline": 5.5, "lead": 1.7, "text": 1.0}
KIND_WEIGHT = {
    Kind.NAME: 1.0,
    Kind.ACRONYM: 0.9,
    Kind.UNSPACED: 1.0,
    Kind.FOREIGN: 1.0,
    Kind.GOVERNMENT: 0.4,
    Kind.WITNESS: 0.1,
    Kind.DEMONYM: 0.8,
    Kind.CAPITAL: 1.05,
    Kind.STATE: 0.75,
    Kind.CITY: 0.7,
    Kind.TOWN: 0.55,
    Kind.QUALIFIER: 1.05,
    Kind.CLUE: 0.3,
    Kind.LOCAL: 0.3,
}
WEIGHT = {
    where: {kind: place * weight for kind, weight in KIND_WEIGHT.items()}
    for where, place in PLACE_WEIGHT.items()
}
KIND_TEXT = {kind: str(kind) for kind in Kind}  # an Enum's own way to its value is slow
CLUE, NAME, DEMONYM = Kind.CLUE, Kind.NAME, Kind.DEMONYM
NAMES = frozenset({Kind.NAME, Kind.ACRONYM})
WEIGHT_OF = itemgetter(0)
LOWEST_FOCUS = min(FOCUS.values())
DASH = re.compile(r"(?:--|[–—-])\s")
# A place in capitals, perhaps the state, date and agency, and a dash: "ALMATY, Jan 11 (Reuters) -".
DATELINE = re.compile(
    r"(?:^|[.\n])\s{0,9}(?P<line>[A-ZÀ-Þ][A-ZÀ-Þ'’./ -]{2,40}(?:,[^\n–—-]{0,40})?(?:\([^)\n]{1,30}\))?)"
    r"\s{0,3}(?:--|[–—-])\s"
)


class Evidence(NamedTuple):
    """Words that speak for a country, as the text writes them, where they stand, and what they are ("capital")."""

    where: Where
    words: str
    kind: str = ""


class Tag(NamedTuple):
    """A country (ISO 3166-1 alpha-2) a text is about; `weight` is in 0..1, the best one's is 1."""

    country: str
    weight: float
    evidence: tuple[Evidence, ...]


class Tagger:
    """Tags texts by one gazetteer; making it takes a moment, using it keeps nothing."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._given = Given.of(gazetteer.given)
        self._finder = Finder(gazetteer)

    def tag(self, title: str, text: str, *, home: str | None = None) -> tuple[Tag, ...]:
        """The countries a text is about, best first, none if it is about none.

        `home` is the country of the source, a hint that settles doubts but never makes a tag by itself.
        Only the first 1,000 characters of a title and 20,000 of a text are read.
        """
        title, text = title[:LONGEST_TITLE], text[:LONGEST_TEXT]
        return tuple(_focus(self.mentions(title, text, home), title, text, home))

    def mentions(self, title: str, text: str, home: str | None) -> list[Mention]:
        """What in the two speaks for a country, each with that country."""
        english = is_english(text) or is_english(title)
        guessed = () if english else text_language.guess(title, text)
        mentions = self._find(title, "title", english=english, guessed=guessed) if title else []
        mentions += _placed(self._find(text, "text", english=english, guessed=guessed), text)
        qualify(mentions)
        return without_firms(choose(without_other_things(mentions, self._given, (title, text)), home))

    def _find(self, text: str, where: Where, *, english: bool, guessed: tuple[str, ...]) -> list[Mention]:
        found = self._finder.find(text, where, english=english)
        if not guessed:
            return found
        from digest.regions import lexicons
        from digest.regions.pure import inflected_names

        return inflected_names.merged(found, text, where, map(lexicons.of_language, guessed))


def _placed(mentions: list[Mention], text: str) -> list[Mention]:
    """The text's mentions, with those of its datelines and first paragraph said to be there."""
    head = text[:DATELINE_WITHIN]
    dashed = ("-" in head or "–" in head or "—" in head) and DASH.search(
        head
    )  # cheaper than the pattern alone
    found = DATELINE.search(head) if dashed else None
    begin, end = found.span("line") if found else (0, 0)
    for mention in mentions:
        if mention.start >= end + LEAD:
            break
        mention.where = "dateline" if begin <= mention.start < end else "lead"
    if ":" in text:
        for mention in _headings(mentions, text):
            mention.where = "dateline"
    return mentions


def _headings(mentions: list[Mention], text: str) -> Iterator[Mention]:
    """`Peru: Two cases were found. Chile: No case was found.`"""
    by_end = {mention.end: mention for mention in mentions if mention.phrase.kind is NAME}
    at = text.find(":")
    while at >= 0:
        if at in by_end:
            start = by_end[at].start
            if text[max(start - 2, 0) : start].rstrip(" ")[-1:] in ("", ".", "\n"):
                yield by_end[at]
        at = text.find(":", at + 1)


def _focus(mentions: list[Mention], title: str, text: str, home: str | None) -> Iterator[Tag]:
    """The countries that weigh enough beside the best one."""
    by_country = _weighed(mentions)
    weights = {country: sum(map(WEIGHT_OF, weighed)) for country, weighed in by_country.items()}
    if home in weights:
        weights[home] *= HOME_BONUS
    ranked = sorted(weights, key=weights.__getitem__, reverse=True)[:MOST_TAGS]
    if not ranked:
        return
    places = {mention.where for _, mention in by_country[ranked[0]]}
    focus = FOCUS if "title" in places else FOCUS_WITHOUT_TITLE
    short = _focus_of_short(places) if len(text) <= SHORT_TEXT else {}
    for country in ranked:
        share = weights[country] / weights[ranked[0]]
        if weights[country] < FLOOR or share < LOWEST_FOCUS:
            break
        weighed = by_country[country]
        if share == 1.0 or _is_told(weighed, share, focus, short):
            yield Tag(country, share, _evidence(weighed, title, text))


def _focus_of_short(places: Collection[Where]) -> dict[str, float]:
    """Beside a country that only the first paragraph names, it matters less where that says something happened."""
    return SHORT_FOCUS if "title" in places or "lead" not in places else SHORT_FOCUS_WITHOUT_TITLE


def _is_told(
    weighed: list[tuple[float, Mention]], share: float, focus: dict[Where, float], short: dict[str, float]
) -> bool:
    """Whether a country beside the best one is what the text is about; clues alone never say so."""
    mentions = [mention for _, mention in weighed]
    least = min([focus[mention.where] for mention in mentions])
    if short and share < least:
        least = min([least, *(short.get(_place_in_short(mention), 1.0) for mention in mentions)])
    return share >= least and any(mention.phrase.kind is not CLUE for mention in mentions)


def _place_in_short(mention: Mention) -> str:
    """ "title" for a name in it, "where" for one that a word of place comes before, "" for all else."""
    kind = mention.phrase.kind
    if kind in NAMES or kind is DEMONYM:
        if mention.where == "title":
            return "title"
        before = mention.text[max(mention.start - LONGEST_WHERE, 0) : mention.start]
        if kind is not DEMONYM and WHERE.search(before):
            return "where"
    return ""


def _weighed(mentions: list[Mention]) -> dict[str, list[tuple[float, Mention]]]:
    """Each country's mentions and what they weigh; a clue counts once, however often it is said."""
    found: dict[str, list[tuple[float, Mention]]] = {}
    clues: set[tuple[str, str]] = set()
    for mention in mentions:
        kind, country = mention.phrase.kind, mention.country
        if kind is CLUE:
            told = (country, mention.phrase.text)
            if told in clues:
                continue
            clues.add(told)
        weighed = (WEIGHT[mention.where][kind], mention)
        if country in found:
            found[country].append(weighed)
        else:
            found[country] = [weighed]
    return found


def _evidence(weighed: list[tuple[float, Mention]], title: str, text: str) -> tuple[Evidence, ...]:
    """The telling ones first, each words and place once."""
    weighed.sort(key=WEIGHT_OF, reverse=True)
    found: dict[tuple[Where, str], Evidence] = {}
    for _, mention in weighed:
        where = mention.where
        source = title if where == "title" else text
        words = source[mention.start : mention.end].strip(" ,(")
        if (where, words) not in found:
            found[where, words] = Evidence(where, words, KIND_TEXT[mention.phrase.kind])
            if len(found) == MOST_EVIDENCE:
                break
    return tuple(found.values())
