"""Tags a text with the countries it is about: weighs each mention by its kind and its place in the text."""

import re
from collections.abc import Callable, Collection, Iterator
from copy import copy
from operator import itemgetter
from typing import NamedTuple

from digest.regions.pure import text_language
from digest.regions.pure.ambiguity import GivenNames, apply_qualifiers, drop_non_places
from digest.regions.pure.company_names import drop_company_mentions
from digest.regions.pure.disambiguation import choose_countries
from digest.regions.pure.evidence import TEXT_PART_WEIGHT, Evidence, collect_evidence
from digest.regions.pure.exclusions import NO_EXCLUSIONS, BaseForm, SourceExclusions
from digest.regions.pure.foreign_names import is_english
from digest.regions.pure.group_tags import GroupTag, select_groups, split_groups
from digest.regions.pure.inflected_names import InflectedNameFinder, merge_mentions
from digest.regions.pure.mentions import PLACE_KINDS, Mention, PhraseFinder
from digest.regions.pure.targets import is_target
from digest.regions.pure.text_folding import lookup_key
from digest.regions.pure.vocabulary import Gazetteer, PhraseKind, TextPart

LONGEST_TITLE = 1_000  # characters read; longer is no headline
LONGEST_TEXT = 20_000  # characters read: some ten pages; bounds the cost of a hostile text
MOST_TAGS = 5  # a text that names more countries is about none of the others
LEAD_CHARS = 250  # characters after the dateline: the first paragraph, which says what a story is about
DATELINE_WITHIN = 300  # characters; some sites repeat the title before the dateline
HOME_BONUS = 1.15  # factor for the source's own country, which a source rarely names in passing
# The share of the best country's weight that makes another country a tag, by the best text part that names it.
MIN_SHARE: dict[TextPart, float] = {"title": 0.5, "lead": 0.4, "text": 0.55, "dateline": 0.15}
# The same where no title names the best country. The title then has not raised its weight, so others must come closer.
MIN_SHARE_WITHOUT_TITLE: dict[TextPart, float] = {"title": 0.5, "lead": 0.6, "text": 0.65, "dateline": 0.15}
# A short text, such as a feed gives, has no room to say a thing twice, so a smaller share is enough for a name, a
# government or a leader in the title. The same holds for a name after a preposition of place ("were brought to
# Thailand"), unless the best country is in the lead but not in the title.
SHORT_TEXT = 400  # characters
SHORT_TEXT_MIN_SHARE = {"title": 0.3, "where": 0.25}
SHORT_TEXT_MIN_SHARE_WITHOUT_TITLE = {"title": 0.3}
PLACE_PREPOSITION = re.compile(
    r"\b(?:across|against|at|between|for|from|in|inside|into|near|offshore|on|outside|to|towards?"
    r"|(?:north|south|east|west)ern) (?:the )?$",
    re.IGNORECASE,
)
LONGEST_PREPOSITION = 16  # characters
MIN_TAG_WEIGHT = 0.5  # weight that a tag needs; one clue has enough only in the title or first paragraph

KIND_WEIGHT = {
    PhraseKind.NAME: 1.0,
    PhraseKind.ACRONYM: 0.9,
    PhraseKind.UNSPACED: 1.0,
    PhraseKind.FOREIGN: 1.0,
    PhraseKind.GOVERNMENT: 0.4,
    PhraseKind.LEADER: 0.55,
    PhraseKind.ORGANIZATION: 0.1,
    PhraseKind.GROUP: 0.0,
    PhraseKind.DEMONYM: 0.8,
    PhraseKind.CAPITAL: 1.05,
    PhraseKind.STATE: 0.75,
    PhraseKind.DIVISION: 0.75,
    PhraseKind.CITY: 0.7,
    PhraseKind.TOWN: 0.55,
    PhraseKind.QUALIFIER: 1.05,
    PhraseKind.CLUE: 0.3,
    PhraseKind.LOCAL: 0.3,
}
MENTION_WEIGHT = {
    part: {kind: part_weight * kind_weight for kind, kind_weight in KIND_WEIGHT.items()}
    for part, part_weight in TEXT_PART_WEIGHT.items()
}
CLUE, NAME = PhraseKind.CLUE, PhraseKind.NAME
TOWN_KINDS = PLACE_KINDS | {PhraseKind.CAPITAL}
NAME_KINDS = frozenset({PhraseKind.NAME, PhraseKind.ACRONYM})
SHORT_TITLE_KINDS = NAME_KINDS | {PhraseKind.DEMONYM, PhraseKind.GOVERNMENT, PhraseKind.LEADER}
WeighedMention = tuple[float, Mention]  # a plain tuple, because this code is hot
WEIGHT_OF = itemgetter(0)
LOWEST_MIN_SHARE = min(MIN_SHARE.values())
DASH = re.compile(r"(?:--|[–—-])\s")
# A place in capitals, perhaps the state, date and agency, and a dash: "ALMATY, Jan 11 (Reuters) -".
DATELINE = re.compile(
    r"(?:^|[.\n])\s{0,9}(?P<line>[A-ZÀ-Þ][A-ZÀ-Þ'’./ -]{2,40}(?:,[^\n–—-]{0,40})?(?:\([^)\n]{1,30}\))?)"
    r"\s{0,3}(?:--|[–—-])\s"
)


class Tag(NamedTuple):
    """A country (ISO 3166-1 alpha-2) that a text is about. `weight` is in 0..1; the best country has 1."""

    country: str
    weight: float
    evidence: tuple[Evidence, ...]


class RegionTags(NamedTuple):
    """What a text is about: countries, and groups of countries, each best first; the ids of exclusions that applied."""

    countries: tuple[Tag, ...]
    groups: tuple[GroupTag, ...]
    exclusions: tuple[int, ...] = ()


class Tagger:
    """Tags texts by a gazetteer. Making a tagger takes a moment; using it keeps nothing between texts.

    `load_finder` gives the finder of a language that inflects names. It is called for each text, so it should cache.
    """

    def __init__(self, gazetteer: Gazetteer, load_finder: Callable[[str], InflectedNameFinder]) -> None:
        self._given_names = GivenNames.of(gazetteer.given_names)
        self._finder = PhraseFinder(gazetteer)
        self._load_finder = load_finder
        self._exclusions = NO_EXCLUSIONS

    def excluding(self, exclusions: SourceExclusions) -> "Tagger":
        """The same tagger, for which some words never mean some countries. Making it costs next to nothing."""
        tagger = copy(self)
        tagger._exclusions = exclusions
        return tagger

    def tag(self, title: str, text: str, *, home: str | None = None) -> tuple[Tag, ...]:
        """The countries that a text is about, best first; empty if it is about none.

        `home` is the country of the source. It settles doubts but never makes a tag by itself.
        Only the first 1,000 characters of a title and 20,000 of a text are read.
        """
        return self.tag_regions(title, text, home=home).countries

    def tag_regions(self, title: str, text: str, *, home: str | None = None) -> RegionTags:
        """The countries that a text is about, as `tag` finds them, and the groups of countries.

        A text about an organisation ("European Commission opens inquiry") is about a group, and perhaps no country.
        """
        title, text = title[:LONGEST_TITLE], text[:LONGEST_TEXT]
        mentions, groups = split_groups(self._find_everywhere(title, text))
        chosen, exclusions = self._choose_countries(mentions, title, text, home)
        by_country = _weigh_by_country(chosen)
        weights = {country: sum(map(WEIGHT_OF, weighed)) for country, weighed in by_country.items()}
        if home in weights:
            weights[home] *= HOME_BONUS
        tags = tuple(_select_tags(by_country, weights, title, text))
        if not groups:
            return RegionTags(tags, (), exclusions)
        tag_weights = {tag.country: weights[tag.country] for tag in tags}
        return RegionTags(tags, tuple(select_groups(groups, tag_weights, title, text)), exclusions)

    def find_mentions(self, title: str, text: str, home: str | None) -> list[Mention]:
        """All mentions in title and text that speak for a country, with `country` set."""
        mentions, _ = split_groups(self._find_everywhere(title, text))
        return self._choose_countries(mentions, title, text, home)[0]

    def base_form(self, words: str, country: str, title: str, text: str) -> BaseForm | None:
        """The name that `words` are in a text, if they are one name that can mean the country."""
        key = lookup_key(words)
        for mention in self._find_everywhere(title[:LONGEST_TITLE], text[:LONGEST_TEXT]):
            phrase = mention.phrase
            if country in phrase.countries and lookup_key(mention.words(mention.text)) == key:
                return BaseForm(phrase.text, phrase.kind)
        return None

    def place_at_start(self, text: str) -> str:
        """The town or state that a text begins with, as the text writes it; "" if it begins with none."""
        for mention in self._find_everywhere("", text):
            if mention.start == 0 and mention.phrase.kind in TOWN_KINDS:
                return mention.words(text)
        return ""

    def _find_everywhere(self, title: str, text: str) -> list[Mention]:
        english = is_english(text) or is_english(title)
        languages = () if english else text_language.guess_languages(title, text)
        mentions = self._find(title, "title", english=english, languages=languages) if title else []
        mentions += _set_text_parts(self._find(text, "text", english=english, languages=languages), text)
        return mentions

    def _choose_countries(
        self, mentions: list[Mention], title: str, text: str, home: str | None
    ) -> tuple[list[Mention], tuple[int, ...]]:
        """The mentions that mean a country, with `country` set, and the ids of the exclusions that applied."""
        apply_qualifiers(mentions)
        applied: tuple[int, ...] = ()
        if not self._exclusions.is_empty:
            mentions, applied = self._exclusions.apply(mentions, home)
        places = drop_non_places(mentions, self._given_names, (title, text))
        return drop_company_mentions(choose_countries(places, home)), applied

    def _find(
        self, text: str, where: TextPart, *, english: bool, languages: tuple[str, ...]
    ) -> list[Mention]:
        mentions = self._finder.find(text, where, english=english)
        if not languages:
            return mentions
        return merge_mentions(mentions, text, where, map(self._load_finder, languages))


def _set_text_parts(mentions: list[Mention], text: str) -> list[Mention]:
    """The text's mentions, with `where` set for those in datelines and the first paragraph."""
    head = text[:DATELINE_WITHIN]
    # The search for a dash is cheaper than the pattern of a dateline.
    has_dash = ("-" in head or "–" in head or "—" in head) and DASH.search(head)
    dateline = DATELINE.search(head) if has_dash else None
    dateline_start, dateline_end = dateline.span("line") if dateline else (0, 0)
    for mention in mentions:
        if mention.start >= dateline_end + LEAD_CHARS:
            break
        mention.where = "dateline" if dateline_start <= mention.start < dateline_end else "lead"
    if ":" in text:
        for mention in _headings(mentions, text):
            mention.where = "dateline"
    return mentions


def _headings(mentions: list[Mention], text: str) -> Iterator[Mention]:
    """Countries that head a paragraph: `Peru: Two cases were found. Chile: No case was found.`"""
    by_end = {mention.end: mention for mention in mentions if mention.phrase.kind is NAME}
    colon = text.find(":")
    while colon >= 0:
        if colon in by_end:
            start = by_end[colon].start
            if text[max(start - 2, 0) : start].rstrip(" ")[-1:] in ("", ".", "\n"):
                yield by_end[colon]
        colon = text.find(":", colon + 1)


def _select_tags(
    by_country: dict[str, list[WeighedMention]], weights: dict[str, float], title: str, text: str
) -> Iterator[Tag]:
    """The best country, and the others that weigh enough beside it."""
    ranked = sorted(weights, key=weights.__getitem__, reverse=True)[:MOST_TAGS]
    if not ranked:
        return
    best_parts = {mention.where for _, mention in by_country[ranked[0]]}
    min_share = MIN_SHARE if "title" in best_parts else MIN_SHARE_WITHOUT_TITLE
    short_min_share = _short_text_min_share(best_parts) if len(text) <= SHORT_TEXT else {}
    for country in ranked:
        share = weights[country] / weights[ranked[0]]
        if weights[country] < MIN_TAG_WEIGHT or share < LOWEST_MIN_SHARE:
            break
        weighed = by_country[country]
        if share == 1.0 or _is_main_topic(weighed, share, min_share, short_min_share):
            yield Tag(country, share, _evidence(weighed, title, text))


def _short_text_min_share(best_parts: Collection[TextPart]) -> dict[str, float]:
    """The shares of a short text. Without "where", if the best country is in the lead but not in the title."""
    return (
        SHORT_TEXT_MIN_SHARE
        if "title" in best_parts or "lead" not in best_parts
        else SHORT_TEXT_MIN_SHARE_WITHOUT_TITLE
    )


def _is_main_topic(
    weighed: list[WeighedMention],
    share: float,
    min_share: dict[TextPart, float],
    short_min_share: dict[str, float],
) -> bool:
    """Whether the text is also about a country with this share of the best one's weight; clues alone are not enough."""
    mentions = [mention for _, mention in weighed]
    needed = min([min_share[mention.where] for mention in mentions])
    if short_min_share and share < needed:
        needed = min([needed, *(short_min_share.get(_place_in_short_text(m), 1.0) for m in mentions)])
    if share < needed:
        return any(map(is_target, mentions))
    return any(mention.phrase.kind is not CLUE for mention in mentions)


def _place_in_short_text(mention: Mention) -> str:
    """ "title" for a name in the title, "where" for a name after a preposition of place, else ""."""
    kind = mention.phrase.kind
    if kind in SHORT_TITLE_KINDS:
        if mention.where == "title":
            return "title"
        before = mention.text[max(mention.start - LONGEST_PREPOSITION, 0) : mention.start]
        if kind in NAME_KINDS and PLACE_PREPOSITION.search(before):
            return "where"
    return ""


def _weigh_by_country(mentions: list[Mention]) -> dict[str, list[WeighedMention]]:
    """Each country's mentions with their weights. A clue counts once, however often the text repeats it."""
    by_country: dict[str, list[WeighedMention]] = {}
    clues: set[tuple[str, str]] = set()
    for mention in mentions:
        kind, country = mention.phrase.kind, mention.country
        if kind is CLUE:
            clue = (country, mention.phrase.text)
            if clue in clues:
                continue
            clues.add(clue)
        weighed = (MENTION_WEIGHT[mention.where][kind], mention)
        if country in by_country:
            by_country[country].append(weighed)
        else:
            by_country[country] = [weighed]
    return by_country


def _evidence(weighed: list[WeighedMention], title: str, text: str) -> tuple[Evidence, ...]:
    """The heaviest mentions first."""
    weighed.sort(key=WEIGHT_OF, reverse=True)
    return collect_evidence((mention for _, mention in weighed), title, text)
