"""Reads the files of an import as tables, and finds out which column has which field."""

from collections.abc import Iterable, Mapping, Sequence

from digest.errors import InvalidInputError, NewsroomText
from digest.subscribers.imports.row_reading import ExportFile
from digest.subscribers.pure.csv_columns import SUBSCRIBER_COLUMNS, compared, has_email, map_columns
from digest.subscribers.pure.csv_tables import CsvTable, read_table


def read_tables(
    files: Iterable[tuple[str, bytes]],
    chosen: Mapping[str, str],
    *,
    encoding: str = "",
    is_draft: bool = False,
) -> list[ExportFile]:
    """The files with their columns. `chosen` names the column of a field, or "" for none, where a file has that column.

    Of a draft the column of addresses may be chosen later: any first row that has no address names the columns.
    Raises InvalidInputError if a file is no CSV, or if no file has a column that is chosen.
    """
    tables = [(name, _read(name, octets, chosen, encoding, is_draft=is_draft)) for name, octets in files]
    if not tables:
        raise InvalidInputError(NewsroomText("The archive has no CSV file."))
    names = {compared(column) for _name, table in tables for column in table.header}
    for column in filter(None, chosen.values()):
        if compared(column) not in names:
            every = list(dict.fromkeys(each for _name, table in tables for each in table.header))
            raise InvalidInputError(
                NewsroomText(
                    'The file has no column "%(column)s" (it has %(names)s).',
                    column=column[:40],
                    names=", ".join(every)[:300],
                )
            )
    return [
        ExportFile(name, table, map_columns(table.header, SUBSCRIBER_COLUMNS, _of(table, chosen)))
        for name, table in tables
    ]


def _of(table: CsvTable, chosen: Mapping[str, str]) -> Mapping[str, str]:
    """The choices that can be made in this file."""
    names = set(map(compared, table.header))
    return {field: column for field, column in chosen.items() if not column or compared(column) in names}


def _read(name: str, octets: bytes, chosen: Mapping[str, str], encoding: str, *, is_draft: bool) -> CsvTable:
    column = chosen.get("email", "")

    def is_header(cells: Sequence[str]) -> bool:
        return (bool(column) and has_email(cells, column)) or has_email(cells)

    try:
        return read_table(octets, is_header, encoding=encoding)
    except InvalidInputError as error:
        named = InvalidInputError(NewsroomText("%(name)s: %(error)s", name=name, error=error))
        if not is_draft:
            raise named from None
        try:
            return read_table(octets, _may_be_header, encoding=encoding)
        except InvalidInputError:
            raise named from None


def _may_be_header(cells: Sequence[str]) -> bool:
    return any(cells) and not any("@" in cell for cell in cells)
