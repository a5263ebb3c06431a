"""The names of folders of sources: a path of names, joined by "/"; "" is no folder."""

import unicodedata
from collections.abc import Iterable, Mapping

from digest.errors import InvalidInputError, NewsroomText
from digest.line_text import clean_line, strip_invisible

MAX_NAME_LENGTH = 60  # characters
MAX_DEPTH = 5  # folders in each other
MAX_PATH_LENGTH = MAX_DEPTH * (MAX_NAME_LENGTH + 1)
SEPARATOR = "/"
NO_FOLDER = "/"  # what a filter says for the sources that are in none


def parse_folder(text: str) -> str:
    """The path of a folder as somebody typed it, "" for none; raises InvalidInputError if it is too long or deep."""
    names = _names(text)
    if len(names) > MAX_DEPTH:
        raise InvalidInputError(
            NewsroomText("Folders can be in each other at most %(max)s deep.", max=MAX_DEPTH)
        )
    if longest := next((name for name in names if len(name) > MAX_NAME_LENGTH), ""):
        raise InvalidInputError(
            NewsroomText(
                'The name "%(name)s…" is too long; a folder has at most %(max)s characters.',
                name=longest[:20],
                max=MAX_NAME_LENGTH,
            )
        )
    return SEPARATOR.join(names)


def parse_name(text: str) -> str:
    """The path of a folder that must be one; raises InvalidInputError."""
    path = parse_folder(text)
    if not path:
        raise InvalidInputError(NewsroomText("Enter the name of a folder."))
    return path


def fit_folder(names: Iterable[str]) -> str:
    """The path of folders in each other with names from elsewhere: what is too long is cut, and what is too deep.

    A "/" within a name would begin another folder; it becomes "-".
    """
    cleaned = (_clean(name.replace(SEPARATOR, "-")) for name in names)
    return SEPARATOR.join([strip_invisible(name[:MAX_NAME_LENGTH]) for name in cleaned if name][:MAX_DEPTH])


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder or below it."""
    return path == folder or path.startswith(folder + SEPARATOR)


def is_in(path: str, choice: str) -> bool:
    """Whether a source in the folder `path` is among those that a filter asks for; "" asks for all."""
    if choice == NO_FOLDER:
        return not path
    return not choice or is_within(path, choice)


def count_folders(counts: Mapping[str, int]) -> Mapping[str, int]:
    """How many sources are in each folder or below it, by path, in the order of a tree.

    `counts` has them by the folder that they are in themselves. Folders that only have folders are there too.
    """
    totals: dict[str, int] = {}
    for path, count in counts.items():
        names = path.split(SEPARATOR) if path else []
        for depth in range(1, len(names) + 1):
            folder = SEPARATOR.join(names[:depth])
            totals[folder] = totals.get(folder, 0) + count
    return {path: totals[path] for path in sorted(totals, key=sort_key)}


def sort_key(path: str) -> list[tuple[str, str]]:
    """What paths are sorted by, so that a folder stands directly before the folders in it."""
    return [(name.casefold(), name) for name in path.split(SEPARATOR)]


def _names(path: str) -> list[str]:
    return [name for name in map(_clean, path.split(SEPARATOR)) if name]


def _clean(name: str) -> str:
    """The name as one line of text, in the form in which equal names are equal (NFC)."""
    return unicodedata.normalize("NFC", strip_invisible(clean_line(name)))
