"""The lexicon of each language that inflects names: CLDR's names, the cities of its time zones, data/languages."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from babel import Locale
from babel.core import get_global

from digest.regions import data_files
from digest.regions.pure.grammars import GRAMMARS
from digest.regions.pure.inflected_names import InflectedNameFinder, Lexicon, LexiconWord
from digest.regions.pure.text_folding import lookup_key
from digest.regions.pure.vocabulary import PhraseKind

SHORTEST_NAME, SHORTEST_CITY = 3, 4  # letters
SHORTEST_BORROWED_SURNAME = 3  # letters; "Xi" in the spelling of another language may be a Roman number
# Languages that write most foreign surnames as another language does, and that language.
SURNAMES_AS_IN = {"kk": "ru", "tr": "en", "az": "en", "de": "en", "fr": "en", "es": "en"}
ARABIC_ARTICLE = "ال"  # a prefix in the Arabic grammar, so lexicon words are listed without it


@cache
def load_finder(language: str) -> InflectedNameFinder:
    """The finder for a language ("ru"), made for the first text in that language."""
    table = data_files.language_data(language)
    words = (
        *_groups(language),
        *_leaders(language),
        *_country_names(language, table),
        *_listed_words(table),
        *_zone_cities(language, table),
    )
    lexicon = Lexicon(
        words=tuple(dict.fromkeys(words)),
        common_forms=frozenset(form.replace("_", " ") for form in table["careful"]),
        currency_stems=frozenset(table["money"]),
    )
    return InflectedNameFinder(GRAMMARS[language], lexicon)


def _groups(language: str) -> Iterator[LexiconWord]:
    """The organisations and parts of the world; their meaning is the slug of a region."""
    for region, texts in data_files.organizations().get(language, {}).items():
        for text in texts:
            yield LexiconWord(text.removeprefix(ARABIC_ARTICLE), PhraseKind.GROUP, (region,))


def _leaders(language: str) -> Iterator[LexiconWord]:
    """The surnames of heads of state and government."""
    other = SURNAMES_AS_IN.get(language, language)
    for code, people in data_files.leaders().items():
        for row in people.values():
            borrowed = [text for text in row.get(other, ()) if len(text) >= SHORTEST_BORROWED_SURNAME]
            for text in (*row.get(language, ()), *borrowed):
                yield LexiconWord(text, PhraseKind.LEADER, (code,))


def _country_names(language: str, table: Mapping[str, Any]) -> Iterator[LexiconWord]:
    """CLDR's names of countries, and the guards."""
    article = ARABIC_ARTICLE if language == "ar" else ""
    for code, names in data_files.names()[language].items():
        if not data_files.is_country_code(code) or code in table["left_out"]:
            continue
        for name in names:
            plain_name = name.split(" (")[0].removeprefix(article)
            if len(lookup_key(plain_name)) >= SHORTEST_NAME:
                yield LexiconWord(plain_name, PhraseKind.NAME, (code,))
    for guard in table["guards"]:
        yield LexiconWord(guard, PhraseKind.GUARD, ())


def _listed_words(table: Mapping[str, Any]) -> Iterator[LexiconWord]:
    """The names, peoples and cities of the language's own file."""
    for section, kind in (
        ("names", PhraseKind.NAME),
        ("people", PhraseKind.DEMONYM),
        ("cities", PhraseKind.CAPITAL),  # chosen by hand: capitals, and cities that weigh as much
    ):
        for codes, words in table[section].items():
            for word in words.split():
                text = word.removeprefix(ARABIC_ARTICLE) if section == "cities" else word
                yield LexiconWord(text, kind, tuple(codes.split()))


def _zone_cities(language: str, table: Mapping[str, Any]) -> Iterator[LexiconWord]:
    """The cities of time zones, which CLDR translates, without those that the language's own file lists."""
    listed_cities = {
        lookup_key(text.replace("_", " ")) for text in " ".join(table["cities"].values()).split()
    }
    country_names = {lookup_key(name) for names in data_files.names()[language].values() for name in names}
    country_of_zone = get_global("zone_territories")
    for zone, translations in Locale.parse(language).time_zones.items():
        city, code = translations.get("city", ""), country_of_zone.get(zone, "")
        if (
            zone in data_files.language_data("common")["not_cities"]
            or len(code) != len("XX")
            or len(lookup_key(city)) < SHORTEST_CITY
        ):
            continue
        if lookup_key(city) not in listed_cities and lookup_key(city) not in country_names:
            yield LexiconWord(city.removeprefix(ARABIC_ARTICLE), PhraseKind.CITY, (code,))
