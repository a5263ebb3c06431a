"""The CSV files of an export: one file, or the files in the ZIP archive that some programs make."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from digest.errors import InvalidInputError

MAX_UNPACKED = 500_000_000  # octets of all files of an archive; a million subscribers have about 200 MB


def csv_files(path: Path) -> Iterator[tuple[str, bytes]]:
    """The name and the octets of each file. Raises InvalidInputError for an archive that is broken or far too large."""
    octets = path.read_bytes()
    names = _names_in_archive(path, octets)
    if not names:
        yield path.name, octets
        return
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        if sum(archive.getinfo(name).file_size for name in names) > MAX_UNPACKED:
            raise InvalidInputError(f"{path}: unpacked it has more than {MAX_UNPACKED:,} octets.")
        for name in names:
            yield name, archive.read(name)  # at most `file_size`: the library checks it


def _names_in_archive(path: Path, octets: bytes) -> list[str]:
    """The CSV files in a ZIP archive; none if it is something else, such as a workbook."""
    if not octets.startswith(b"PK\x03\x04"):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            return sorted(name for name in archive.namelist() if name.casefold().endswith(".csv"))
    except zipfile.BadZipFile as error:
        raise InvalidInputError(f"{path}: {error}") from None
