"""Names in other languages, and how languages inflect them: a few words and rules made by hand."""

from functools import cache

import pytest

from digest.regions.pure.foreign_names import ForeignNameFinder, is_english
from digest.regions.pure.grammars import GRAMMARS, Grammar
from digest.regions.pure.inflected_names import InflectedNameFinder, Lexicon, LexiconWord, merge_mentions
from digest.regions.pure.text_folding import fold, lookup_key, normalize_punctuation, strip_accents
from digest.regions.pure.text_language import guess_languages
from digest.regions.pure.uppercase import UppercaseNormalizer
from digest.regions.pure.vocabulary import PhraseKind
from tests.regions.mentioned import mention, phrase

FOREIGN, UNSPACED = PhraseKind.FOREIGN, PhraseKind.UNSPACED


@cache
def finder() -> ForeignNameFinder:
    return ForeignNameFinder(
        [
            phrase("niger", FOREIGN, "NE"),
            phrase("nigeria", FOREIGN, "NG"),
            phrase("trinidad y tobago", FOREIGN, "TT"),
            phrase("cote d ivoire", FOREIGN, "CI"),
            phrase("日本", UNSPACED, "JP"),
            phrase("マリ", UNSPACED, "ML"),
        ]
    )


def foreign(text: str) -> list[str]:
    return [found.meanings[0][0] for _, _, found in finder().find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Visita a Niger y Nigeria", ["NE", "NG"]),
        ("Nigerians", []),
        ("Nigeri", []),
        ("Niger nights", ["NE"]),
        ("visita a niger", []),  # not written as a name
        ("Trinidad y Tobago vota", ["TT"]),
        ("Trinidad y tobago vota", []),
        ("trinidad y Tobago vota", []),
        ("En Côte d'Ivoire", ["CI"]),
        ("在日本", ["JP"]),
        ("日本", ["JP"]),
        ("マリの", ["ML"]),
        ("マリア", []),  # Maria
        ("アマリ", []),
        ("ヤマリ・", []),
        ("マリー", []),
        ("は マリ", ["ML"]),
    ],
)
def test_a_name_is_a_whole_word_with_its_capitals(text: str, found: list[str]) -> None:
    assert foreign(text) == found


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Ferries in the port", True),
        ("Bank of Peru", True),
        ("Salt and sugar", True),
        ("Away with it", True),
        ("The port", True),
        ("Port closed", False),
        ("Порт the bank", False),
        ("the café and " + "x" * 500 + "порт", True),  # beyond the sample
        ("the café and " + "x" * 486 + "порт", False),
    ],
)
def test_english_has_its_little_words_and_no_other_alphabet(text: str, english: bool) -> None:
    assert is_english(text) is english


WORDS = (
    LexiconWord("Казахстан", PhraseKind.NAME, ("KZ",)),
    LexiconWord("Москва", PhraseKind.CAPITAL, ("RU",)),
    LexiconWord("ЕС", PhraseKind.GROUP, ("eu",)),
    LexiconWord("страны_Залива", PhraseKind.GROUP, ("gulf",)),
    LexiconWord("Токаев", PhraseKind.LEADER, ("KZ",)),
    LexiconWord("узбек", PhraseKind.DEMONYM, ("UZ",)),
    LexiconWord("Южная_Корея", PhraseKind.NAME, ("KR",)),
    LexiconWord("Чад", PhraseKind.NAME, ("TD",)),
    LexiconWord("Мали", PhraseKind.NAME, ("ML",)),
    LexiconWord("малина", PhraseKind.GUARD, ()),
    LexiconWord("Сербия", PhraseKind.NAME, ("RS",)),
    LexiconWord("Алматы", PhraseKind.CITY, ("KZ",)),
    LexiconWord("Сахель", PhraseKind.GROUP, ("sahel",)),
)


@cache
def russian_finder() -> InflectedNameFinder:
    return InflectedNameFinder(
        GRAMMARS["ru"],
        Lexicon(WORDS, common_forms=frozenset({"Чаду"}), currency_stems=frozenset({"тенге", "динар"})),
    )


def russian(text: str) -> list[tuple[str, str]]:
    """The words that are found and the countries they mean, without guards."""
    return [
        (text[each.start : each.end], each.phrase.meanings[0][0])
        for each in russian_finder().find(text, "text")
        if each.phrase.meanings
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("в Казахстане и Казахстаном", [("Казахстане", "KZ"), ("Казахстаном", "KZ")]),
        ("казахстан", []),
        ("казахстанский порт", [("казахстанский", "KZ")]),
        ("из Москвы", [("Москвы", "RU")]),
        ("московский", []),
        ("алматинский порт", [("алматинский", "KZ")]),
        ("в Сахеле", [("Сахеле", "sahel")]),
        ("страны ЕС", [("ЕС", "eu")]),
        ("сын есть, Ес", []),
        ("со странами Залива", [("странами Залива", "gulf")]),
        ("у Токаева", [("Токаева", "KZ")]),
        ("токаева", []),
        ("узбеки и узбекский", [("узбеки", "UZ"), ("узбекский", "UZ")]),
        ("в Южной Корее", [("Южной Корее", "KR")]),
        ("в Южной-Корее", [("Южной-Корее", "KR")]),
        ("в Южной\nКорее", []),
        ("в Южной   Корее", []),
        ("в Южной тоже", []),
        ("ЮжнойКорее", []),
        ("малина растет", []),
        ("Мали растет", [("Мали", "ML")]),
        ("сербских динаров", []),  # a currency
        ("динар Сербии вырос", []),
        ("Сербии и динар вырос", [("Сербии", "RS")]),
        ("Чаду", []),  # begins a sentence, and may be the common word
        ("Помощь Чаду", [("Чаду", "TD")]),
        ("Помощь. Чаду", []),
        ("Помощь: Чаду", []),
        ("Чадом", [("Чадом", "TD")]),
    ],
)
def test_russian_names_are_found_in_their_forms(text: str, found: list[tuple[str, str]]) -> None:
    assert russian(text) == found


def test_an_adjective_speaks_for_a_country_as_a_people_does_and_for_a_city_as_the_city_does() -> None:
    kinds = [each.phrase.kind for each in russian_finder().find("казахстанский и алматинский", "text")]
    assert kinds == [PhraseKind.DEMONYM, PhraseKind.CITY]


def test_a_stem_has_three_letters() -> None:
    grammar = Grammar(noun_endings="", people_endings="")
    assert grammar.stem("мали", "и") == "мал"
    assert grammar.stem("куба", "ба") == "куба"
    assert grammar.stem("чад", "") == "чад"


def test_the_words_of_a_language_replace_the_gazetteers_and_some_of_these_are_english_only() -> None:
    text = "Чад и Mali, Peru, Perú Guinea"
    at = {word: text.index(word) for word in ("Mali", "Perú", "Guinea")}

    def english(word: str, kind: PhraseKind) -> list[str]:
        each = mention(word, kind, "XX")
        each.start, each.end = at[word], at[word] + len(word)
        merged = merge_mentions([each], text, "text", [russian_finder()])
        assert [other.start for other in merged] == sorted(other.start for other in merged)
        return [other.phrase.text for other in merged]

    assert english("Mali", PhraseKind.NAME) == ["чад", "Mali"]
    assert english("Mali", PhraseKind.DEMONYM) == ["чад"]
    assert english("Mali", PhraseKind.TOWN) == ["чад"]
    assert english("Perú", PhraseKind.NAME) == ["чад"]  # left to the language's own words
    assert english("Perú", PhraseKind.CITY) == ["чад", "Perú"]
    overlapping = mention("Чад и", PhraseKind.CITY, "XX")
    assert [each.phrase.text for each in merge_mentions([overlapping], text, "text", [russian_finder()])] == [
        "чад"
    ]
    guard = mention("malina", PhraseKind.CITY, "XX")
    assert merge_mentions([guard], "малина", "text", [russian_finder()]) == []


@pytest.mark.parametrize(
    ("title", "text", "languages"),
    [
        ("The port", "Ferries and the port of Aktau", ()),
        ("Ferries", "of the port and for Peru", ()),
        ("Порт закрыт", "the port", ("ru", "uk", "kk")),
        ("Қазақстан порты", "", ("kk",)),
        ("Україна єдина", "", ("uk",)),
        ("Школа і порт", "", ("uk", "kk")),
        ("Школа і порт", "порт порт порт " * 10, ("uk",)),
        ("Порт закрыт", "порт закрыт на день " * 10, ("ru",)),
        ("Өрт чыкты", "", ()),  # Kyrgyz
        ("Порт ўзбек", "", ()),
        ("პორტი დაიხურა", "", ("ka",)),
        ("Նավահանգիստը փակ է", "", ("hy",)),
        ("بندر بسته شد", "", ("fa",)),
        ("الميناء مغلق في المدينة", "", ("ar",)),
        ("بندرگاہ بند ہے", "", ()),  # Urdu
        ("港は閉鎖", "", ()),
    ],
)
def test_the_language_of_a_text_is_guessed_by_letters_and_little_words(
    title: str, text: str, languages: tuple[str, ...]
) -> None:
    assert guess_languages(title, text) == languages


def test_one_little_english_word_may_be_part_of_a_name() -> None:
    assert guess_languages("Bank of Peru", "los puertos de la costa y del sur") == ("es",)
    assert guess_languages("A bank of Peru and of", "los puertos de la costa") == ()
    assert guess_languages("Los puertos", "the bank de la costa y del sur") == ()


def test_a_headline_has_fifteen_words() -> None:
    assert guess_languages("los " + "x " * 14, "") != ()
    assert guess_languages("los " + "x " * 15, "") == ()


def test_persian_and_arabic_are_told_apart_by_letters_words_and_joiners() -> None:
    assert guess_languages("می\u200cرود", "") == ("fa",)
    assert guess_languages("مرد", "") == ("ar",)
    assert guess_languages("می\u200cرود ة", "") == ("fa",)
    assert guess_languages("از ة ى", "") == ("ar",)


def test_a_text_of_a_hundred_letters_shows_all_letters_of_its_language() -> None:
    assert guess_languages("", "порті" * 20) == ("uk", "kk")
    assert guess_languages("", "порті" * 20 + "а") == ("uk",)
    assert guess_languages("", "порты" * 20) == ("ru", "uk", "kk")
    assert guess_languages("", "порты" * 20 + "а") == ("ru",)


def test_latin_texts_are_told_apart_by_letters_and_words() -> None:
    assert "de" in guess_languages("Syrische Häfen geschlossen", "")
    assert "tr" in guess_languages("Liman kapatıldı ve gemiler bekliyor", "")
    assert guess_languages("Los puertos de la costa", "están cerrados en el sur del país. " * 8) == ("es",)
    assert guess_languages("LOS ANGELES", "x y z " * 20) == ()


def test_texts_keep_their_length_when_they_are_compared() -> None:
    assert fold("Côte d'Ivoire, ЁЖ й! İ ß") == "cote d ivoire  еж й  i ß"
    assert fold("é7٣ Ⅻ") == "e7٣ Ⅻ"
    assert lookup_key("  Côte\nd’Ivoire ") == "cote d ivoire"
    assert normalize_punctuation("a-b\tc\nd’e\u00a0f\u2010g\u2011h") == "a b c d'e f g h"
    assert normalize_punctuation("a\ud800b") == "a b"
    assert strip_accents("Côte, Đà Nẵng") == "Cote, Đa Nang"


def test_words_in_capitals_are_written_as_names_except_those_that_always_are() -> None:
    normalizer = UppercaseNormalizer(["NATO", "New York", "McAllen"])
    assert normalizer.normalize("NEW YORK, May 3: NATO A") == "New York, May 3: NATO A"
    assert normalizer.normalize("New York") == "New York"
    assert normalizer.normalize("İZMİR") == "İzmir"
    assert normalizer.round_trips("New York")
    assert not normalizer.round_trips("McAllen")
    assert not normalizer.round_trips("Nato")
    assert normalizer.round_trips("Nürnberg")
    assert not normalizer.round_trips("Weißwasser")
