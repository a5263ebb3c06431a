"""Articles as JSON lines, as commands take them from other programs."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from digest.errors import InvalidInputError

LONGEST_LINE = 4_000_000  # octets; an article has some 10,000, so a longer line is no article


def lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, blank ones apart; of an endless one, no more than its beginning is kept."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 1)
        if line.strip():
            yield number, line


def read(line: bytes) -> dict[str, Any]:
    """One line as an object with an id; raises InvalidInputError, which says what to write instead."""
    if len(line) > LONGEST_LINE:
        raise InvalidInputError(f"more than {LONGEST_LINE:,} octets; shorten the text")
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            f'not JSON ({error}); example: {{"id":"1","title":"…","text":"…"}}'
        ) from error
    if not isinstance(entry, dict) or "id" not in entry:
        raise InvalidInputError('not an object with an "id"; example: {"id":"1","title":"…","text":"…"}')
    return entry


def text_of(entry: dict[str, Any], key: str) -> str:
    """A text of the object, "" if it has none; raises InvalidInputError when it is something else."""
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidInputError(f'"{key}" is a {type(value).__name__}, not a text')
    return value or ""
