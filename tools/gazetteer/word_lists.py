"""The words that the gazetteer takes from each source, the surest source first. Only the builder uses it."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from digest.regions import data_files
from digest.regions.data_files import is_country_code
from digest.regions.pure.text_folding import lookup_key
from digest.regions.pure.vocabulary import CERTAIN_LIKELIHOOD, PhraseKind, ranked_meanings
from tools.gazetteer.cldr import Cldr
from tools.gazetteer.towns import Towns, is_numbered

DEMONYM_ENDINGS = ("ian", "ians", "can", "cans", "ese", "ean", "eans")
SHORTEST_PLACE = 4  # letters of a city or subdivision; shorter ones ("Lae", "Van") mostly mean something else
SHORTEST_NON_LATIN = 3  # letters of a name in another script with blanks (Egypt has three in Arabic)
SHORTEST_LATIN = 5  # letters of a name in another Latin-script language ("Mali" is a word in several)
# Countries with local news in English, which names states without the country.
WELL_KNOWN_COUNTRIES = frozenset({"AU", "CA", "GB", "US"})
FEDERAL_COUNTRIES = frozenset({"AU", "CA", "US"})  # a name of their states always means the state
MOST_MEANINGS = 4  # countries of one name
# Likelihoods, as powers of ten, like the populations of GeoNames.
CAPITAL_BONUS = 1.0  # added to the likelihood of a capital
HANDMADE_CITY_LIKELIHOOD = 6.0
KNOWN_STATE_LIKELIHOOD, STATE_LIKELIHOOD = 6.5, 5.5
UNSPACED_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
# Particles that are joined to the next word, and none.
CLITICS = {"ar": ("", "و", "ب", "ل", "ف"), "he": ("", "ב", "ל", "מ", "ו", "ה", "ש")}
ENDINGS_WITHOUT_PLURAL = ("ese", "ish", "ch", "s", "z", "men", "man", "x")


class WordList(NamedTuple):
    """Words of one kind that mean the same countries: "KZ", or "GE:8.0 US:6.5" with likelihoods."""

    kind: PhraseKind
    codes: str
    texts: list[str]


def iter_word_lists(cldr: Cldr, handmade: dict[str, Any], towns: Towns) -> Iterator[WordList]:
    """All word lists, the surest source first."""
    for region, texts in data_files.organizations()["en"].items():
        yield WordList(PhraseKind.GROUP, region, texts)
    for code, people in data_files.leaders().items():
        yield WordList(PhraseKind.LEADER, code, [text for row in people.values() for text in row["en"]])
    yield WordList(PhraseKind.GUARD, "", [*handmade["guards"]["words"], *handmade["nature"]["words"]])
    for name, row in handmade["divisions"].items():
        yield WordList(PhraseKind.DIVISION, row["country"], [f"{name} {word}" for word in row["words"]])
    yield from _ambiguous_words(handmade, towns)
    yield from _names(cldr, handmade)
    for kind, table in (
        (PhraseKind.ACRONYM, handmade["acronyms"]),
        (PhraseKind.DEMONYM, {code: _with_plurals(texts) for code, texts in handmade["demonyms"].items()}),
        (PhraseKind.GOVERNMENT, handmade["governments"]),
        (PhraseKind.ORGANIZATION, handmade["witnesses"]),
        (PhraseKind.ORGANIZATION, handmade["firms"]),
    ):
        yield from (WordList(kind, code, texts) for code, texts in table.items())
    yield from _places(PhraseKind.CAPITAL, capitals_by_country(handmade, towns), towns, bonus=CAPITAL_BONUS)
    yield from _places(PhraseKind.CITY, handmade["cities"], towns, bonus=0.0)
    yield from _subdivisions(cldr, handmade, towns)
    yield from _towns(handmade, towns)
    yield from _supporting_words(handmade)
    yield from _foreign_names(cldr)


def _ambiguous_words(handmade: dict[str, Any], towns: Towns) -> Iterator[WordList]:
    """The handmade words of several countries; the first country is the likeliest."""
    capital_names = {lookup_key(name) for _, name in towns.capitals()}
    for text, codes in handmade["either"].items():
        if lookup_key(text) in capital_names:
            kind = PhraseKind.CAPITAL
        elif towns.likelihood(text, codes[0]):
            kind = PhraseKind.CITY
        else:
            kind = PhraseKind.DEMONYM if text.endswith(DEMONYM_ENDINGS) else PhraseKind.NAME
        best = HANDMADE_CITY_LIKELIHOOD if kind is PhraseKind.CITY else CERTAIN_LIKELIHOOD
        yield WordList(kind, _format_codes(dict(ranked_meanings(codes, best))), [text])


def _places(
    kind: PhraseKind, table: Mapping[str, list[str]], towns: Towns, *, bonus: float
) -> Iterator[WordList]:
    """Known places, each with the other countries that have a town of the same name."""
    for code, texts in table.items():
        for text in texts:
            likelihood = max(HANDMADE_CITY_LIKELIHOOD, towns.likelihood(text, code)) + bonus
            yield WordList(kind, _format_codes({code: likelihood} | towns.rivals(text, exclude=code)), [text])


def _towns(handmade: dict[str, Any], towns: Towns) -> Iterator[WordList]:
    for kind, name, likelihoods in towns.cities_and_towns(_left_out(handmade)):
        yield WordList(kind, _format_codes(likelihoods), [name])


def _supporting_words(handmade: dict[str, Any]) -> Iterator[WordList]:
    """Short forms of states, and words that support a country or the source's own."""
    for code, texts in handmade["qualifiers"].items():
        qualifiers = [f", {text}{end}" for text in texts for end in (".", ",", " (")]
        yield WordList(PhraseKind.QUALIFIER, code, qualifiers)
    for codes, texts in handmade["clues"].items():
        likelihoods = dict(ranked_meanings(codes.split()))
        yield WordList(PhraseKind.CLUE, _format_codes(likelihoods), texts)
    yield WordList(PhraseKind.LOCAL, "", handmade["local"]["words"])


def _format_codes(likelihoods: Mapping[str, float]) -> str:
    """Countries and likelihoods as the data file has them, the likeliest first; one country has no likelihood."""
    best = sorted(likelihoods.items(), key=lambda item: (-item[1], item[0]))[:MOST_MEANINGS]
    if len(best) == 1:
        return best[0][0]
    return " ".join(f"{code}:{likelihood:.1f}" for code, likelihood in best)


def capitals_by_country(handmade: dict[str, Any], towns: Towns) -> dict[str, list[str]]:
    """The capitals of GeoNames and the handmade ones, by country."""
    by_country = {code: list(texts) for code, texts in handmade["capitals"].items()}
    left_out = _left_out(handmade)
    for code, name in towns.capitals():
        if lookup_key(name) not in left_out:
            by_country.setdefault(code, []).append(name)
    return by_country


def _names(cldr: Cldr, handmade: dict[str, Any]) -> Iterator[WordList]:
    """The English names of countries."""
    for code, texts in handmade["aliases"].items():
        yield WordList(PhraseKind.NAME, code, texts)
    for code, names in cldr.names["en"].items():
        if is_country_code(code):
            plain_names = [name.split(" (")[0].replace(" & ", " and ") for name in names]
            texts = [name for name in plain_names if len(name) >= SHORTEST_PLACE]
            yield WordList(PhraseKind.NAME, code, texts)


def _with_plurals(texts: list[str]) -> list[str]:
    return [*texts, *(f"{text}s" for text in texts if not text.endswith(ENDINGS_WITHOUT_PLURAL))]


def _left_out(handmade: dict[str, Any]) -> set[str]:
    """The folded names of places that mostly mean something else."""
    return {lookup_key(text) for text in handmade["common"]["never"]}


def _subdivisions(cldr: Cldr, handmade: dict[str, Any], towns: Towns) -> Iterator[WordList]:
    """First-level subdivisions and American counties, each with the countries that have a town of that name."""
    countries: dict[str, set[str]] = {}
    spelling: dict[str, str] = {}
    for code, names in cldr.subdivisions().items():
        for name in names:
            countries.setdefault(lookup_key(name), set()).add(code)
            spelling.setdefault(lookup_key(name), name)
    numbered = {key for key in countries if is_numbered(key)}
    for key in sorted(countries.keys() - _left_out(handmade) - numbered):
        federal = countries[key] & FEDERAL_COUNTRIES
        if len(key) >= SHORTEST_PLACE and (federal or not towns.is_common_word_or_name(key)):
            likelihoods = {
                code: KNOWN_STATE_LIKELIHOOD if code in WELL_KNOWN_COUNTRIES else STATE_LIKELIHOOD
                for code in federal or countries[key]
            }
            rivals = {} if federal else towns.rivals(key, exclude="")
            yield WordList(PhraseKind.STATE, _format_codes(rivals | likelihoods), [spelling[key]])
    yield WordList(PhraseKind.STATE, "US", sorted(towns.counties()))


def _foreign_names(cldr: Cldr) -> Iterator[WordList]:
    """Names of countries in the languages that CLDR covers well, without those that two countries share."""
    countries: dict[str, set[str]] = {}
    for language in sorted(cldr.well_covered_languages()):
        table = cldr.names.get(language, {})
        code_names = ((code, name) for code in table if is_country_code(code) for name in table[code])
        for code, name in code_names:
            for clitic in CLITICS.get(language, ("",)):
                countries.setdefault(lookup_key(clitic + name.split(" (")[0]), set()).add(code)
    for text, codes in sorted(countries.items()):
        kind = _foreign_kind(text)
        if kind and len(codes) == 1:
            yield WordList(kind, codes.pop(), [text])


def _foreign_kind(text: str) -> PhraseKind | None:
    """The kind of a foreign name, which decides how it is searched; None if it is too short to be sure of."""
    script = unicodedata.name(text[0], "") if text else ""
    if script.startswith(UNSPACED_SCRIPTS):
        return PhraseKind.UNSPACED if len(text) > 1 else None
    shortest = SHORTEST_LATIN if script.startswith("LATIN") else SHORTEST_NON_LATIN
    return PhraseKind.FOREIGN if len(text) >= shortest else None
