"""Chooses the country that an ambiguous phrase means, by the other mentions and by the likelihood of each meaning."""

from digest.regions.pure.mentions import Mention
from digest.regions.pure.vocabulary import PhraseKind

# How much one power of ten in population counts, compared with one other phrase that speaks for a country.
POPULATION_WEIGHT = 0.5
HOME_WEIGHT = 3.0  # how much the source's home country counts
MIN_MARGIN = 0.15  # the lead that the best meaning needs; with less, the phrase means no country
EVIDENCE_CAP = 2.0  # the most that all places of a country count together; likewise its national names
MOST_REPEATS = 2  # times that one phrase counts as evidence
# How much one phrase says about where the others are. News from anywhere names countries, so a country's name says less
# about a town's country than provinces and other towns do.
EVIDENCE_WEIGHT = {
    PhraseKind.NAME: 0.8,
    PhraseKind.DEMONYM: 1.0,
    PhraseKind.CAPITAL: 0.8,
    PhraseKind.STATE: 1.0,
    PhraseKind.DIVISION: 1.0,
    PhraseKind.CITY: 1.2,
    PhraseKind.TOWN: 1.2,
    PhraseKind.QUALIFIER: 1.5,
    PhraseKind.CLUE: 1.2,
    PhraseKind.ACRONYM: 0.6,
    PhraseKind.GOVERNMENT: 0.3,
    PhraseKind.LEADER: 0.3,
    PhraseKind.ORGANIZATION: 0.2,
}
# Factor for national names of a country that is not the phrase's likeliest one: "U.S." beside "Paris" says little.
ABROAD_FACTOR = 0.4
TOWN, LOCAL = PhraseKind.TOWN, PhraseKind.LOCAL
NATIONAL_KINDS = frozenset(
    {
        PhraseKind.NAME,
        PhraseKind.DEMONYM,
        PhraseKind.CAPITAL,
        PhraseKind.ACRONYM,
        PhraseKind.GOVERNMENT,
        PhraseKind.LEADER,
        PhraseKind.ORGANIZATION,
    }
)


def choose_countries(mentions: list[Mention], home: str | None) -> list[Mention]:
    """The mentions that mean a country, with `country` set. Small towns need other evidence of their country."""
    ambiguous = _set_certain_countries(mentions, home)
    if ambiguous:
        candidates = {country for mention in ambiguous for country, _ in mention.phrase.meanings}
        national, local = _evidence(mentions, candidates)
        chosen: dict[tuple[str, int], str] = {}
        for mention in ambiguous:
            # An exclusion may have left some mentions of a name fewer meanings than others.
            name = (mention.phrase.text, len(mention.phrase.meanings))
            if name not in chosen:
                chosen[name] = _likeliest_country(mention, national, local, home)
            mention.country = chosen[name]
    return _drop_lone_towns([mention for mention in mentions if mention.country], home)


def _set_certain_countries(mentions: list[Mention], home: str | None) -> list[Mention]:
    """Set the country of mentions with one meaning, or with none (the source's home). Returns the ambiguous ones."""
    ambiguous: list[Mention] = []
    for mention in mentions:
        if not mention.country:
            meanings = mention.phrase.meanings
            if len(meanings) > 1:
                ambiguous.append(mention)
            else:
                mention.country = meanings[0][0] if meanings else home or ""
    return ambiguous


def _evidence(mentions: list[Mention], candidates: set[str]) -> tuple[dict[str, float], dict[str, float]]:
    """The evidence for each candidate country: from its national names, and from its places."""
    counts: dict[tuple[str, str], int] = {}
    national: dict[str, float] = {}
    local: dict[str, float] = {}
    for mention in mentions:
        country = mention.country
        if country in candidates:
            phrase = mention.phrase
            key = (phrase.text, country)
            counts[key] = count = counts.get(key, 0) + 1
            if count <= MOST_REPEATS:
                evidence = national if phrase.kind in NATIONAL_KINDS else local
                evidence[country] = evidence.get(country, 0.0) + EVIDENCE_WEIGHT.get(phrase.kind, 0.0)
    return national, local


def _likeliest_country(
    mention: Mention, national: dict[str, float], local: dict[str, float], home: str | None
) -> str:
    """The country with the best score, or "" if its lead is below MIN_MARGIN."""
    meanings = mention.phrase.meanings
    likeliest = meanings[0][0]
    best, second, winner = -99.0, -99.0, ""
    for country, likelihood in meanings:
        score = POPULATION_WEIGHT * likelihood
        if country in local:
            score += min(local[country], EVIDENCE_CAP)
        if country in national:
            score += min(national[country], EVIDENCE_CAP) * (1.0 if country == likeliest else ABROAD_FACTOR)
        if country == home:
            score += HOME_WEIGHT
        if score > best:
            best, second, winner = score, best, country
        elif score > second:
            second = score
    return winner if best - second >= MIN_MARGIN else ""


def _drop_lone_towns(mentions: list[Mention], home: str | None) -> list[Mention]:
    """The mentions without small towns that nothing supports.

    A small town's name may be that of anything. A town counts in a dateline, beside its country, or beside another
    town of the same country.
    """
    towns: dict[str, list[str]] = {}
    supported = {home}
    for mention in mentions:
        kind = mention.phrase.kind
        if kind is TOWN and mention.where != "dateline":
            towns.setdefault(mention.country, []).append(mention.phrase.text)
        elif kind is not LOCAL:
            supported.add(mention.country)
    if not towns:
        return mentions
    # Where towns are all that a text names, one town that is named twice is enough.
    only_towns = not supported - {None, home}
    supported.update(
        country for country, names in towns.items() if len(names if only_towns else set(names)) > 1
    )
    return [m for m in mentions if m.phrase.kind is not TOWN or m.country in supported]
