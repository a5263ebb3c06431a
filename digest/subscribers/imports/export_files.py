"""The CSV files of an export: one file, or the files in the ZIP archive that some programs make."""

import io
import zipfile
from collections.abc import Iterator

from digest.errors import InvalidInputError, NewsroomText

MAX_UNPACKED = 500_000_000  # octets of all files of an archive; a million subscribers have about 200 MB
ZIP_MARK = b"PK\x03\x04"


def csv_files(name: str, octets: bytes, *, max_unpacked: int = MAX_UNPACKED) -> Iterator[tuple[str, bytes]]:
    """The name and the octets of each file. Raises InvalidInputError for an archive that is broken or far too large."""
    names = _names_in_archive(name, octets)
    if not names:
        yield name, octets
        return
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        if sum(archive.getinfo(each).file_size for each in names) > max_unpacked:
            raise InvalidInputError(
                NewsroomText(
                    "%(name)s: unpacked it has more than %(max)s octets.", name=name, max=f"{max_unpacked:,}"
                )
            )
        for each in names:
            try:
                yield each, archive.read(each)  # at most `file_size`: the library checks it
            except (
                zipfile.BadZipFile,
                RuntimeError,
                NotImplementedError,
                ValueError,
                EOFError,
                OSError,
            ) as error:
                # RuntimeError: encrypted; NotImplementedError: packed by a method that is not known
                raise InvalidInputError(
                    NewsroomText(
                        "%(name)s: %(file)s can't be unpacked: %(error)s.",
                        name=name,
                        file=each,
                        error=str(error),
                    )
                ) from None


def _names_in_archive(name: str, octets: bytes) -> list[str]:
    """The CSV files in a ZIP archive; none if it is something else, such as a workbook."""
    if not octets.startswith(ZIP_MARK):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            return sorted(each for each in archive.namelist() if each.casefold().endswith(".csv"))
    except zipfile.BadZipFile as error:
        raise InvalidInputError(f"{name}: {error}") from None
