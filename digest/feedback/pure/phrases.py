"""The phrases of `data/phrases.toml`, as one pattern for each use."""

import re
import tomllib
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent.parent / "data" / "phrases.toml"


@cache
def phrases(use: str) -> "re.Pattern[str]":
    """The pattern for a use; raises KeyError for one that the table has not."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return re.compile("|".join(f"(?:{one})" for one in rows[use]["patterns"]), re.IGNORECASE)
