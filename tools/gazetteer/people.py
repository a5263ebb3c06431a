"""Words that are people's names or common nouns as well as towns. Only the builder uses it."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

MOST_GIVEN_NAMES = 600  # the most frequent ones of each sex; nine in ten people have one of them
MOST_SURNAMES = 1_000  # the most frequent ones; towns with such a name are left out


def given_names() -> set[str]:
    """Frequent given names, with a capital."""
    files = ("dist.male.first", "dist.female.first")
    return {name.title() for file in files for name in _most_frequent(file, MOST_GIVEN_NAMES)}


def surnames() -> frozenset[str]:
    """The most frequent surnames, in small letters."""
    return frozenset(name.lower() for name in _most_frequent("dist.all.last", MOST_SURNAMES))


def _most_frequent(file: str, count: int) -> Iterator[str]:
    lines = (resources.files("names") / file).read_text(encoding="ascii").splitlines()
    return (line.split()[0] for line in lines[:count])


def common_nouns(dictionary: Path) -> frozenset[str]:
    """English words in small letters, from a Hunspell dictionary (`index.dic`)."""
    lines = dictionary.read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(word for word in (line.partition("/")[0] for line in lines) if word.islower())
