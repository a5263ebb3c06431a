"""Which languages a text may be written in, as far as the rules of inflection need to know; none for English."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from digest.regions import data_files

SAMPLE = 600  # characters: a headline and the first paragraphs tell
ENGLISH = " the "  # in nearly every English paragraph, and in no other language's
ALSO_ENGLISH = (
    " of ",
    " and ",
    " to ",
    " for ",
)  # two of them say the same; one may be a name's ("Bank of America")
OTHER_SCRIPTS = re.compile(
    "[\u0370-\u1fff\u2d00-\u2d2f]"
)  # Greek up to Georgian, Armenian and Arabic among them
WORD = re.compile(r"[^\W\d_]+")
GERMAN = re.compile(
    r"[a-zäöü]isch(?:e[mnrs]?)?\b"
)  # "Syrische": an ending that tells a headline without small words
LETTER, FUNCTION_WORD = 1, 2  # what a telling letter and a telling word weigh

CLOSE = 2  # points that a language may have less than the best one, in a headline
FEW_WORDS = 15
SURE = 3 * FUNCTION_WORD  # points that a longer text must have: "LOS ANGELES" makes none Spanish
SHORT = 100  # letters; in a longer text each language has shown a letter of its own

_LETTERS: Mapping[str, str] = {
    "de": "äöüßÄÖÜ",
    "fr": "àâçèéêëîïôùûœÀÂÇÈÉÊËÎÏÔÙÛŒ",
    "es": "áéíóúüñ¿¡ÁÉÍÓÚÑ",
    "tr": "ğışçöüİĞŞÇÖÜ",
    "az": "əğıçşöüİƏĞÇŞÖÜ",
}
_PERSIAN = frozenset("پچژگکی\u200c")
_ARABIC = frozenset("ةىيكأإؤ")
_NEITHER = frozenset("ٹڈڑےںہښځڼېێۆڕڵۇېھ")  # Urdu, Pashto, Kurdish, Uyghur
_PERSIAN_WORDS = frozenset(["در", "از", "به", "را", "که", "است", "با", "شد", "کرد", "این", "برای"])
_ARABIC_WORDS = frozenset(["في", "من", "على", "إلى", "عن", "أن", "التي", "مع"])
_KAZAKH = frozenset("әғқңөұүһі")
_ONLY_KAZAKH = frozenset("әқғұ")
_KYRGYZ = frozenset("ңөү")  # and Mongolian
_UKRAINIAN = frozenset("іїєґ")
_ONLY_UKRAINIAN = frozenset("їєґ")
_NOT_UKRAINIAN = frozenset("ыэъё")
_OTHER_CYRILLIC = frozenset("ўҳӯҷӣђћџљњјѓќѕҗҙҡҫӑӗҥӧӱ")  # Belarusian, Tajik, Serbian, Macedonian …


def guess(title: str, text: str) -> tuple[str, ...]:
    """The language of an article ("ru"), if there are rules for it; of a headline alone, perhaps several.

    English is told first and at once, so that its texts pay next to nothing.
    """
    sample = f"{title} {text[:SAMPLE]}"
    if (ENGLISH in sample or sum(word in sample for word in ALSO_ENGLISH) > 1) and not OTHER_SCRIPTS.search(
        title
    ):
        return ()
    if sample.isascii() or not OTHER_SCRIPTS.search(sample):
        return _latin(sample)
    return _by_script(sample)


def _latin(sample: str) -> tuple[str, ...]:
    words = WORD.findall(sample.lower())
    seen, letters = set(words), set(sample)
    scores = {
        language: FUNCTION_WORD * len(seen & listed) + LETTER * len(letters & set(_LETTERS.get(language, "")))
        for language, listed in _small_words().items()
    }
    if GERMAN.search(sample):
        scores["de"] += FUNCTION_WORD
    best, headline = max(scores.values()), len(words) <= FEW_WORDS
    if scores["en"] == best or (best < SURE and not headline):
        return ()
    near = best - (CLOSE if headline else 0)
    return tuple(language for language, score in scores.items() if score >= max(near, 1) and language != "en")


@cache
def _small_words() -> Mapping[str, frozenset[str]]:
    return {
        language: frozenset(listed.split())
        for language, listed in data_files.language("common")["small_words"].items()
    }


def _by_script(sample: str) -> tuple[str, ...]:
    alphabetic = [char for char in sample if char.isalpha()]
    counts = Counter(map(_script, alphabetic))
    letters = {char.lower() for char in alphabetic}
    script = max(counts, key=lambda name: counts[name], default="other")
    match script:
        case "cyrillic":
            return _cyrillic(letters, counts[script])
        case "arabic":
            return _arabic(letters, set(WORD.findall(sample)), zwnj="\u200c" in sample)
        case "ka" | "hy":
            return (script,)
        case "latin":
            return _latin(sample)
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


def _cyrillic(letters: set[str], count: int) -> tuple[str, ...]:
    if letters & _OTHER_CYRILLIC:
        return ()
    if letters & _ONLY_KAZAKH or len(letters & _KAZAKH) > 1:
        return ("kk",)
    if letters & _KYRGYZ:
        return ()
    if letters & _UKRAINIAN:
        return ("uk",) if letters & _ONLY_UKRAINIAN or count > SHORT else ("uk", "kk")
    return ("ru",) if letters & _NOT_UKRAINIAN and count > SHORT else ("ru", "uk", "kk")


def _arabic(letters: set[str], words: set[str], *, zwnj: bool) -> tuple[str, ...]:
    if letters & _NEITHER:
        return ()
    persian = len(letters & _PERSIAN) + zwnj + FUNCTION_WORD * len(words & _PERSIAN_WORDS)
    arabic = len(letters & _ARABIC) + FUNCTION_WORD * len(words & _ARABIC_WORDS)
    return ("fa",) if persian > arabic else ("ar",)
