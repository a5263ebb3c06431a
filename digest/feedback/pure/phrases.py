"""The phrases of mail programs in `data/phrases.toml`, one pattern for each purpose."""

import re
import tomllib
from functools import cache
from pathlib import Path

PHRASES_FILE = Path(__file__).parent.parent / "data" / "phrases.toml"


@cache
def phrase_pattern(purpose: str) -> "re.Pattern[str]":
    """The pattern for a purpose, which is a table of the file; raises KeyError for an unknown one."""
    tables = tomllib.loads(PHRASES_FILE.read_text(encoding="utf-8"))
    return re.compile("|".join(f"(?:{phrase})" for phrase in tables[purpose]["patterns"]), re.IGNORECASE)
