"""Guesses the language of a text, to choose its rules of inflection; English needs none."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from digest.regions import data_files

SAMPLE_CHARS = 600  # characters; a headline and the first paragraphs show the language
ENGLISH_MARKER = " the "  # in nearly every English paragraph, and in no other language
# Two of these also mean English. One alone may be part of a name ("Bank of America").
WEAK_ENGLISH_MARKERS = (" of ", " and ", " to ", " for ")
# From Greek to Georgian, with Armenian and Arabic.
NON_LATIN_SCRIPT = re.compile("[\u0370-\u1fff\u2d00-\u2d2f]")
WORD = re.compile(r"[^\W\d_]+")
# "Syrische": an ending that shows German in a headline without function words.
GERMAN_ENDING = re.compile(r"[a-zäöü]isch(?:e[mnrs]?)?\b")
LETTER_WEIGHT, FUNCTION_WORD_WEIGHT = 1, 2  # points for a letter or a function word of a language

HEADLINE_MARGIN = 2  # points by which a language may be behind the best one in a headline
LONGEST_HEADLINE = 15  # words
MIN_SCORE = 3 * FUNCTION_WORD_WEIGHT  # points that a longer text needs; "LOS ANGELES" alone is not Spanish
SHORT_TEXT_LETTERS = 100  # letters; a longer text surely has letters that are only in its language

_LETTERS: Mapping[str, str] = {
    "de": "äöüßÄÖÜ",
    "fr": "àâçèéêëîïôùûœÀÂÇÈÉÊËÎÏÔÙÛŒ",
    "es": "áéíóúüñ¿¡ÁÉÍÓÚÑ",
    "tr": "ğışçöüİĞŞÇÖÜ",
    "az": "əğıçşöüİƏĞÇŞÖÜ",
}
# Letters that show a language.
_PERSIAN = frozenset("پچژگکی\u200c")
_ARABIC = frozenset("ةىيكأإؤ")
_NOT_PERSIAN_OR_ARABIC = frozenset("ٹڈڑےںہښځڼېێۆڕڵۇېھ")  # Urdu, Pashto, Kurdish, Uyghur
_PERSIAN_WORDS = frozenset(["در", "از", "به", "را", "که", "است", "با", "شد", "کرد", "این", "برای"])
_ARABIC_WORDS = frozenset(["في", "من", "على", "إلى", "عن", "أن", "التي", "مع"])
_KAZAKH = frozenset("әғқңөұүһі")
_ONLY_KAZAKH = frozenset("әқғұ")
_KYRGYZ = frozenset("ңөү")  # and Mongolian
_UKRAINIAN = frozenset("іїєґ")
_ONLY_UKRAINIAN = frozenset("їєґ")
_NOT_UKRAINIAN = frozenset("ыэъё")
_OTHER_CYRILLIC = frozenset("ўҳӯҷӣђћџљњјѓќѕҗҙҡҫӑӗҥӧӱ")  # Belarusian, Tajik, Serbian, Macedonian …


def guess_languages(title: str, text: str) -> tuple[str, ...]:
    """The language of an article ("ru"), if it has rules of inflection; of a headline alone, all that are likely.

    English is recognized first and fast, because most texts are English.
    """
    sample = f"{title} {text[:SAMPLE_CHARS]}"
    if (
        ENGLISH_MARKER in sample or sum(word in sample for word in WEAK_ENGLISH_MARKERS) > 1
    ) and not NON_LATIN_SCRIPT.search(title):
        return ()
    if sample.isascii() or not NON_LATIN_SCRIPT.search(sample):
        return _guess_latin(sample)
    return _guess_by_script(sample)


def _guess_latin(sample: str) -> tuple[str, ...]:
    """The languages whose letters and function words the sample has most of."""
    words = WORD.findall(sample.lower())
    distinct_words, letters = set(words), set(sample)
    scores = {
        language: FUNCTION_WORD_WEIGHT * len(distinct_words & function_words)
        + LETTER_WEIGHT * len(letters & set(_LETTERS.get(language, "")))
        for language, function_words in _function_words().items()
    }
    if GERMAN_ENDING.search(sample):
        scores["de"] += FUNCTION_WORD_WEIGHT
    best, is_headline = max(scores.values()), len(words) <= LONGEST_HEADLINE
    if scores["en"] == best or (best < MIN_SCORE and not is_headline):
        return ()
    needed = max(best - (HEADLINE_MARGIN if is_headline else 0), 1)
    return tuple(language for language, score in scores.items() if score >= needed and language != "en")


@cache
def _function_words() -> Mapping[str, frozenset[str]]:
    return {
        language: frozenset(words.split())
        for language, words in data_files.language_data("common")["small_words"].items()
    }


def _guess_by_script(sample: str) -> tuple[str, ...]:
    alphabetic = [char for char in sample if char.isalpha()]
    counts = Counter(map(_script, alphabetic))
    lowercase_letters = {char.lower() for char in alphabetic}
    script = max(counts, key=lambda name: counts[name], default="other")
    match script:
        case "cyrillic":
            return _guess_cyrillic(lowercase_letters, counts[script])
        case "arabic":
            return _guess_arabic(lowercase_letters, set(WORD.findall(sample)), zwnj="\u200c" in sample)
        case "ka" | "hy":
            return (script,)
        case "latin":
            return _guess_latin(sample)
        case _:
            return ()


def _script(char: str) -> str:
    if char < "\u0370":
        return "latin"
    for name, first, last in (
        ("cyrillic", "\u0400", "\u052f"),
        ("hy", "\u0530", "\u058f"),
        ("arabic", "\u0600", "\u06ff"),
        ("ka", "\u10a0", "\u10ff"),
    ):
        if first <= char <= last:
            return name
    return "other"


def _guess_cyrillic(letters: set[str], letter_count: int) -> tuple[str, ...]:
    if letters & _OTHER_CYRILLIC:
        return ()
    if letters & _ONLY_KAZAKH or len(letters & _KAZAKH) > 1:
        return ("kk",)
    if letters & _KYRGYZ:
        return ()
    if letters & _UKRAINIAN:
        return ("uk",) if letters & _ONLY_UKRAINIAN or letter_count > SHORT_TEXT_LETTERS else ("uk", "kk")
    return ("ru",) if letters & _NOT_UKRAINIAN and letter_count > SHORT_TEXT_LETTERS else ("ru", "uk", "kk")


def _guess_arabic(letters: set[str], words: set[str], *, zwnj: bool) -> tuple[str, ...]:
    if letters & _NOT_PERSIAN_OR_ARABIC:
        return ()
    persian = len(letters & _PERSIAN) + zwnj + FUNCTION_WORD_WEIGHT * len(words & _PERSIAN_WORDS)
    arabic = len(letters & _ARABIC) + FUNCTION_WORD_WEIGHT * len(words & _ARABIC_WORDS)
    return ("fa",) if persian > arabic else ("ar",)
