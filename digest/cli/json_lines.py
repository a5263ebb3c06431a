"""Reading articles as JSON lines, which other programs write."""

import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import click

from digest.cli.exit_status import INVALID_INPUT
from digest.errors import InvalidInputError

MAX_LINE_OCTETS = 4_000_000  # an article has about 10,000, so a longer line is no article


def numbered_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers. A line that is too long is cut after `MAX_LINE_OCTETS` + 1."""
    number = 0
    while line := stream.readline(MAX_LINE_OCTETS + 1):
        number += 1
        continuation = line
        while len(continuation) > MAX_LINE_OCTETS and not continuation.endswith(b"\n"):
            continuation = stream.readline(MAX_LINE_OCTETS + 1)
        if line.strip():
            yield number, line


def parse_line(line: bytes) -> dict[str, Any]:
    """The JSON object in a line. Raises InvalidInputError if the line is too long, not JSON or has no "id"."""
    if len(line) > MAX_LINE_OCTETS:
        raise InvalidInputError(f"more than {MAX_LINE_OCTETS:,} octets; shorten the text")
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            f'not JSON ({error}); example: {{"id":"1","title":"…","text":"…"}}'
        ) from error
    if not isinstance(entry, dict) or "id" not in entry:
        raise InvalidInputError('not an object with an "id"; example: {"id":"1","title":"…","text":"…"}')
    return entry


def text_field(entry: dict[str, Any], key: str) -> str:
    """A text field of the object, "" if it is missing; raises InvalidInputError if it is not text."""
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidInputError(f'"{key}" is a {type(value).__name__}, not a text')
    return value or ""


def text_list_field(entry: dict[str, Any], key: str) -> list[str]:
    """A list of texts of the object, [] if it is missing; raises InvalidInputError if it is something else."""
    value = entry.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInputError(f'"{key}" is not a list of texts (example: ["World", "Politics"])')
    return value


def process_lines(stream: BinaryIO, process: Callable[[int, dict[str, Any]], None]) -> int:
    """Call `process` with the number and the object of each line; returns the exit status.

    An invalid line is reported on standard error, and makes the exit status `INVALID_INPUT`.
    """
    status = 0
    for number, line in numbered_lines(stream):
        try:
            process(number, parse_line(line))
        except InvalidInputError as error:
            status = INVALID_INPUT
            click.echo(f"line {number}: {error}", err=True)
    return status
