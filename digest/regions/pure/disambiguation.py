"""Which country a word with several means in a text: by what else stands there, and by how likely each is alone."""

from digest.regions.pure.mentions import Mention
from digest.regions.pure.vocabulary import Kind

TRUST = 0.5  # how much a power of ten in people counts against one other phrase that speaks for a country
HOME = 3.0  # what the source's home country counts
MARGIN = 0.15  # by how much a reading must lead: below, the word is left alone
MOST_LOCAL = 2.0  # what all of a country's places together count at most
MOST_OF_ONE = 2  # times that one phrase counts as evidence
# What one phrase tells of where the others are. News from anywhere names states, so names of countries say less of
# a town's than names of provinces and other towns do.
EVIDENCE = {
    Kind.NAME: 0.8,
    Kind.DEMONYM: 1.0,
    Kind.CAPITAL: 0.8,
    Kind.STATE: 1.0,
    Kind.CITY: 1.2,
    Kind.TOWN: 1.2,
    Kind.QUALIFIER: 1.5,
    Kind.CLUE: 1.2,
    Kind.ACRONYM: 0.6,
    Kind.GOVERNMENT: 0.3,
    Kind.WITNESS: 0.2,
}
ABROAD = (
    0.4  # factor for names of a country that is not the word's likeliest: "U.S." beside "Paris" says little
)
TOWN, LOCAL = Kind.TOWN, Kind.LOCAL
NATIONAL = frozenset({Kind.NAME, Kind.DEMONYM, Kind.CAPITAL, Kind.ACRONYM, Kind.GOVERNMENT, Kind.WITNESS})


def choose(mentions: list[Mention], home: str | None) -> list[Mention]:
    """The mentions that stand for a country, each with it; small towns only beside other evidence of theirs."""
    open_ones = _settle(mentions, home)
    if open_ones:
        asked = {country for mention in open_ones for country, _ in mention.phrase.readings}
        national, local = _evidence(mentions, asked)
        chosen: dict[str, str] = {}
        for mention in open_ones:
            text = mention.phrase.text
            if text not in chosen:
                chosen[text] = _likeliest(mention, national, local, home)
            mention.country = chosen[text]
    return _without_lone_towns([mention for mention in mentions if mention.country], home)


def _settle(mentions: list[Mention], home: str | None) -> list[Mention]:
    """Those with several readings; the others get theirs, or with none the source's own country."""
    open_ones: list[Mention] = []
    for mention in mentions:
        if not mention.country:
            readings = mention.phrase.readings
            if len(readings) > 1:
                open_ones.append(mention)
            else:
                mention.country = readings[0][0] if readings else home or ""
    return open_ones


def _evidence(mentions: list[Mention], asked: set[str]) -> tuple[dict[str, float], dict[str, float]]:
    """What speaks for each of the countries that are asked for: its own names, and those of its places."""
    seen: dict[tuple[str, str], int] = {}
    national: dict[str, float] = {}
    local: dict[str, float] = {}
    for mention in mentions:
        country = mention.country
        if country in asked:
            phrase = mention.phrase
            key = (phrase.text, country)
            seen[key] = times = seen.get(key, 0) + 1
            if times <= MOST_OF_ONE:
                table = national if phrase.kind in NATIONAL else local
                table[country] = table.get(country, 0.0) + EVIDENCE.get(phrase.kind, 0.0)
    return national, local


def _likeliest(
    mention: Mention, national: dict[str, float], local: dict[str, float], home: str | None
) -> str:
    readings = mention.phrase.readings
    first = readings[0][0]
    best, second, winner = -99.0, -99.0, ""
    for country, likely in readings:
        value = TRUST * likely
        if country in local:
            value += min(local[country], MOST_LOCAL)
        if country in national:
            value += min(national[country], MOST_LOCAL) * (1.0 if country == first else ABROAD)
        if country == home:
            value += HOME
        if value > best:
            best, second, winner = value, best, country
        elif value > second:
            second = value
    return winner if best - second >= MARGIN else ""


def _without_lone_towns(mentions: list[Mention], home: str | None) -> list[Mention]:
    """A small town's name may be anything's; in a dateline, beside its country or another of its towns it is one."""
    towns: dict[str, list[str]] = {}
    backed = {home}
    for mention in mentions:
        kind = mention.phrase.kind
        if kind is TOWN and mention.where != "dateline":
            towns.setdefault(mention.country, []).append(mention.phrase.text)
        elif kind is not LOCAL:
            backed.add(mention.country)
    if not towns:
        return mentions
    alone = not backed - {None, home}
    backed.update(country for country, names in towns.items() if len(names if alone else set(names)) > 1)
    return [m for m in mentions if m.phrase.kind is not TOWN or m.country in backed]
