"""Moves sources to folders, and renames folders. Each change has an id by which it is taken back."""

from collections.abc import Collection
from typing import NamedTuple

from digest.database import Database
from digest.errors import InvalidInputError, NewsroomText, NotFoundError
from digest.sources.pure import folders
from digest.sources.store import folders as store


class FolderChange(NamedTuple):
    """The folder that sources are in now ("" for none), how many came there, and the id of the change."""

    folder: str
    moved: int
    move_id: str


def move(db: Database, ids: Collection[int], folder: str) -> FolderChange:
    """Move sources to a folder, which need not exist yet; "" takes them out. Raises InvalidInputError."""
    if not ids:
        raise InvalidInputError(NewsroomText("Tick sources first, or choose all that match."))
    path = folders.parse_folder(folder)
    with db.begin() as tx:
        return FolderChange(path, *store.move(tx, ids, path))


def rename(db: Database, old: str, new: str) -> FolderChange:
    """Give a folder another name or path. Raises InvalidInputError, and NotFoundError if there is no such folder."""
    path, old = folders.parse_name(new), folders.parse_folder(old)
    with db.begin() as tx:
        deepest = store.deepest_within(tx, old)
        if not deepest:
            raise NotFoundError(NewsroomText('There is no folder "%(folder)s".', folder=old[:100]))
        folders.parse_folder(path + deepest.removeprefix(old))  # raises if it becomes too deep
        return FolderChange(path, *store.rename(tx, old, path))


def take_back(db: Database, move_id: str) -> int:
    """Put the sources of a change back where they were, those that nobody has moved again. Returns how many."""
    with db.begin() as tx:
        return store.take_back(tx, move_id)
