"""The names and numbers of a text, as keys that are the same in all scripts.

A name is its consonants, in a few classes that survive transliteration: "Lukashenko", "Лукашенко" and "لوكاشينكو" are
all "LKSNK".
"""

import re
import unicodedata
from functools import lru_cache

MIN_KEY_LENGTH = 3  # consonants; shorter names agree by chance
NAMES_TEXT_LENGTH = 600  # characters of the text: names of the event stand in its lead
WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
NUMBER = re.compile(r"\d+")
# Letters of several signs first. The classes are coarse on purpose: scripts differ in voicing and in kinds of s.
CLUSTERS = {
    "дж": "S", "dsch": "S", "tsch": "S", "sch": "S", "dj": "S", "tch": "S", "sh": "S", "ch": "S", "zh": "S", "ts": "S",
    "tz": "S", "kh": "K", "gh": "K", "ck": "K", "ks": "KS", "qu": "K", "ph": "F", "th": "T",
}  # fmt: skip
CLASSES = {
    "P": "bpбпبپბპფբպփ",
    "F": "fvфвفვվֆ",
    "T": "dtдттthدتطضذثდტთդտթð",
    "K": "gkqcxгґкхқғكکقگغخგკქღყხღգկքխղ",
    "S": "szjşçžšсзшщжчцسصزشجچژظსზშჩჭცძწჟჯսզշչճցձժջծ",
    "L": "lłлلლլ",
    "R": "rрرრրռ",
    "M": "mмمმմ",
    "N": "nñнңنნն",
}
CLASS_OF = {letter: name for name, letters in CLASSES.items() for letter in letters}


def name_keys(title: str, text: str) -> frozenset[str]:
    """The keys of the words that may be names: capitalised ones, or all words in scripts without capitals."""
    return frozenset(
        key
        for word in WORD.findall(f"{title} . {text[:NAMES_TEXT_LENGTH]}")
        if not word[0].islower() and len(key := consonants(word)) >= MIN_KEY_LENGTH
    )


def number_keys(title: str, text: str) -> frozenset[str]:
    """The numbers of two digits or more, in any script's digits, without what stands behind a comma."""
    found = NUMBER.findall(f"{title} {text[:NAMES_TEXT_LENGTH]}")
    return frozenset(str(int(number)) for number in found if 2 <= len(number) <= 9)


@lru_cache(maxsize=50_000)
def consonants(word: str) -> str:
    """The classes of a word's consonants, in order, without repetitions."""
    folded = unicodedata.normalize("NFKD", word.casefold().replace("ı", "i"))
    for cluster, replacement in CLUSTERS.items():
        folded = folded.replace(cluster, replacement)
    classes = [letter if letter in CLASSES else CLASS_OF.get(letter, "") for letter in folded]
    return "".join(one for n, one in enumerate(classes) if one and (n == 0 or one != classes[n - 1]))
