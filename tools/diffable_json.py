"""Writes data files as JSON with one entry a line, so that their changes can be compared."""

import json
from typing import Any

MAX_LINE_LENGTH = 110  # characters; a longer value is spread over several lines


def json_lines(value: Any) -> str:
    """`value` as JSON. A list or object that is longer than `MAX_LINE_LENGTH` has each of its parts on its own line."""
    return _format(value, "") + "\n"


def _format(value: Any, prefix: str) -> str:
    line = prefix + json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(line) <= MAX_LINE_LENGTH or not isinstance(value, dict | list):
        return line
    if isinstance(value, dict):
        parts = [_format(part, json.dumps(key, ensure_ascii=False) + ":") for key, part in value.items()]
        return f"{prefix}{{\n" + ",\n".join(parts) + "\n}"
    return f"{prefix}[\n" + ",\n".join(_format(part, "") for part in value) + "\n]"
