"""Words that are people's names or common nouns, which towns are named after too; used by the builder only."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

GIVEN = 600  # most frequent of each sex: nine in ten people
SURNAMES = 1_000  # most frequent; a town named so is left out


def given_names() -> set[str]:
    """Frequent given names, with their capital."""
    lists = ("dist.male.first", "dist.female.first")
    return {name.title() for source in lists for name in _most_frequent(source, GIVEN)}


def surnames() -> frozenset[str]:
    """The most frequent surnames, in small letters."""
    return frozenset(name.lower() for name in _most_frequent("dist.all.last", SURNAMES))


def _most_frequent(source: str, number: int) -> Iterator[str]:
    lines = (resources.files("names") / source).read_text(encoding="ascii").splitlines()
    return (line.split()[0] for line in lines[:number])


def common_nouns(dictionary: Path) -> frozenset[str]:
    """English words that are written in small letters, from a Hunspell dictionary (`index.dic`)."""
    lines = dictionary.read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(word for word in (line.partition("/")[0] for line in lines) if word.islower())
