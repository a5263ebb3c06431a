"""Reads a file that a spreadsheet or another program calls CSV: its encoding, its separator and its rows.

Spreadsheets write the separator of their language (semicolons in most of Europe), "Unicode text" as UTF-16 with tabs,
and else in the code page of their system.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from digest.errors import InvalidInputError, NewsroomText
from digest.sources.pure.text.encoding import NON_TEXT_CODECS, decode

SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
SEPARATOR_LINE = re.compile(r"""\s*"?sep=([^\r\n])"?[,;\t]*(?:\r\n|\r|\n)""", re.IGNORECASE)  # Excel's
# The first octets of a workbook: of a ZIP file, and of the older compound file.
WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
HEADER_SAMPLE = 200  # octets; the names of columns are mostly ASCII, also where the cells are not
MIN_NUL_SHARE = 0.25  # of the octets, in UTF-16 without a byte order mark; other text has no NUL
ESCAPED_QUOTE = '\\"'  # what some databases write for a quotation mark in a cell
MOST_COLUMNS = 300  # Mailchimp's exports have about 60; each is compared with all names of all fields
SHOWN_HEADER = 60  # characters of the first line in an error


class CsvRow(NamedTuple):
    """A row, and the number of its first line in the file, from 1. Its cells have no spaces at their ends."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The first row of a file, the others, what separates the cells, and remarks about the encoding."""

    header: Sequence[str]
    rows: Sequence[CsvRow]
    separator: str
    remarks: tuple[str, ...] = ()


def read_table(file: bytes, is_header: Callable[[Sequence[str]], bool], *, encoding: str = "") -> CsvTable:
    """The rows of a file. Empty ones are left out.

    The separator is the one that a line `sep=;` names, else the one with which `is_header` recognises the first row;
    if there are several, the one that gives the most cells. Raises InvalidInputError if there is none, or if the file
    is no CSV.
    """
    if file.startswith(WORKBOOK_MARKS):
        raise InvalidInputError(
            NewsroomText("The file is a workbook or a ZIP file: save the sheet as CSV (UTF-8) first.")
        )
    text, remarks = _decode(file, encoding)
    named = SEPARATOR_LINE.match(text)
    body = text[named.end() :] if named else text
    first_line = text.count("\n", 0, named.end()) + 1 if named else 1
    separator = _find_separator(body, (named[1],) if named else SEPARATORS, is_header)
    header, *rows = _parse(body, separator, first_line)
    if len(header.cells) > MOST_COLUMNS:
        raise InvalidInputError(
            NewsroomText(
                "The file has %(count)s columns. At most %(max)s are possible.",
                count=len(header.cells),
                max=MOST_COLUMNS,
            )
        )
    return CsvTable(header.cells, rows, separator, remarks)


def _decode(file: bytes, encoding: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and remarks if its encoding was guessed."""
    codec = encoding or _utf16_without_mark(file)
    if not codec:
        decoded = decode(file)
        return decoded.text, decoded.warnings
    problem: object = NewsroomText("it is no encoding of files")
    try:
        if codecs.lookup(codec).name not in NON_TEXT_CODECS:  # of them, punycode would take hours for 2 MB
            return file.decode(codec).lstrip("\ufeff"), ()
    except (LookupError, ValueError) as error:
        problem = error
    raise InvalidInputError(
        NewsroomText('The file can\'t be read as "%(codec)s": %(error)s.', codec=codec[:40], error=problem)
    )


def _utf16_without_mark(file: bytes) -> str:
    if file.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # `decode` reads the mark
        return ""
    sample = file[:HEADER_SAMPLE]
    for offset, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sample[offset::2].count(0) > MIN_NUL_SHARE * len(sample):
            return codec
    return ""


def _find_separator(text: str, candidates: Iterable[str], is_header: Callable[[Sequence[str]], bool]) -> str:
    headers = {separator: _first_row(text, separator) for separator in candidates}
    suitable = {separator: cells for separator, cells in headers.items() if is_header(cells)}
    if not suitable:
        line = text.lstrip().partition("\n")[0].strip()
        raise InvalidInputError(
            NewsroomText(
                'The file has no column "email": its first line is "%(line)s". The first line must name the columns.',
                line=line[:SHOWN_HEADER],
            )
        )
    return max(suitable, key=lambda separator: len(suitable[separator]))


def _first_row(text: str, separator: str) -> Sequence[str]:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return next((_strip(cells[:MOST_COLUMNS]) for cells in rows if any(map(str.strip, cells))), ())
    except (csv.Error, ValueError):  # ValueError: a separator that can't be one, such as a quotation mark
        return ()


def _parse(text: str, separator: str, first_line: int) -> list[CsvRow]:
    """All rows, or InvalidInputError: a quotation mark that is not closed would hide the rows that follow."""
    try:
        return list(_rows(text, first_line, delimiter=separator))
    except csv.Error as error:
        if ESCAPED_QUOTE not in text:
            raise _no_csv(error) from None
    try:
        return list(_rows(text, first_line, delimiter=separator, doublequote=False, escapechar="\\"))
    except csv.Error as error:
        raise _no_csv(error) from None


def _no_csv(error: csv.Error) -> InvalidInputError:
    return InvalidInputError(
        NewsroomText("The file is no CSV: %(error)s. Nothing was imported.", error=error)
    )


def _rows(text: str, first_line: int, **dialect: object) -> Iterable[CsvRow]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, **dialect)  # type: ignore[arg-type]
    start = first_line
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield CsvRow(start, _strip(cells))
            start = reader.line_num + first_line
    except csv.Error as error:
        raise csv.Error(f"line {start}: {error}") from None


def _strip(cells: Iterable[str]) -> Sequence[str]:
    return [cell.strip() for cell in cells]
