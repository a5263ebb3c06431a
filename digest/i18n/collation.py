"""The order of names in a language, as its dictionaries have it: an alphabet for each language that mails are in.

The alphabets are the index characters of CLDR 48 (UTS 35, "Exemplar Characters"). Accents that make no letter of their
own do not count, except between names that are otherwise equal. Python has no collation, and PyICU, the library that
has one, must be compiled where it is installed.
"""

import re
import unicodedata
from functools import cache

SortKey = tuple[list[int], str]

LATIN = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC = "абвгґдеєжзиіїйклмнопрстуфхцчшщъыьэюя"
ALPHABETS = {
    "az": "abcçdeəfgğhxıijkqlmnoöprsştuüvwyz",
    "es": "abcdefghijklmnñopqrstuvwxyz",
    "fa": "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی",
    "hy": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "tr": "abcçdefgğhıijklmnoöpqrsştuüvwxyz",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
}
DOTTED_I = str.maketrans(
    "İI", "iı"
)  # Turkish and Azerbaijani have an i without a dot (UTS 21, SpecialCasing)
ARABIC_VARIANTS = str.maketrans(
    "يىكة", "ییکه"
)  # letters that Persian and Arabic write with different characters
IGNORED = re.compile(r"[^\w\s]|ـ")  # punctuation, joiners, and the line that stretches Arabic words


def sort_key(text: str, language: str) -> SortKey:
    """A key that sorts names as the language does; spaces come before letters, digits before letters."""
    letters = text.translate(DOTTED_I) if language in ("az", "tr") else text
    letters = unicodedata.normalize("NFC", IGNORED.sub("", letters.casefold()))
    if language == "fa":
        letters = letters.translate(ARABIC_VARIANTS)
    places, key = _places(language), []
    for letter in letters:
        if letter in places:
            key.append(places[letter])
            continue
        key += [
            places.get(part, ord(part))
            for part in unicodedata.normalize("NFKD", letter)
            if part.isalnum() or part == " "
        ]
    return key, text


@cache
def _places(language: str) -> dict[str, int]:
    """The place of each letter: the language's own alphabet first, then what other alphabets add."""
    own = ALPHABETS.get(language, "")
    letters = dict.fromkeys(own + "".join(each for each in (LATIN, CYRILLIC) if not set(own) & set(each)))
    first = ord("a")  # after digits and spaces
    return {letter: first + place for place, letter in enumerate(letters)}
