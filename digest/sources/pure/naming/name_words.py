"""The words and endings of `data/name_words.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "name_words.toml"


@dataclass(frozen=True, slots=True)
class NameWords:
    """Words that are no part of a name, and what endings and language tags say about countries."""

    words: frozenset[str]  # of boilerplate and sections
    phrases: frozenset[str]  # those of several words
    generic_endings: frozenset[str]
    international_endings: Mapping[str, str]
    default_tags: frozenset[str]


@cache
def name_words() -> NameWords:
    """The words and endings, read once."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    listed = frozenset((*data["boilerplate"], *data["sections"]))
    home = data["home"]
    return NameWords(
        words=listed,
        phrases=frozenset(name for name in listed if " " in name or "-" in name),
        generic_endings=frozenset(home["generic_endings"]),
        international_endings=home["international_endings"],
        default_tags=frozenset(home["default_tags"]),
    )
