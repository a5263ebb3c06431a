"""Writing data files that people can compare: JSON with one entry a line."""

import json
from typing import Any

WIDEST = 110  # characters of an entry that stands on one line


def json_lines(value: Any) -> str:
    """`value` as JSON; whatever does not fit on one line of `WIDEST` characters has each of its parts on its own."""
    return _lines(value, "") + "\n"


def _lines(value: Any, before: str) -> str:
    compact = before + json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(compact) <= WIDEST or not isinstance(value, dict | list):
        return compact
    if isinstance(value, dict):
        parts = [_lines(part, json.dumps(key, ensure_ascii=False) + ":") for key, part in value.items()]
        return f"{before}{{\n" + ",\n".join(parts) + "\n}"
    return f"{before}[\n" + ",\n".join(_lines(part, "") for part in value) + "\n]"
