"""Moves sources between folders, and takes a move back."""

import secrets
from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select, update

from digest.database import Tx, chunked, is_one_of
from digest.sources.models import Source
from digest.sources.pure.folders import SEPARATOR

MOVE_BYTES = 8  # of the id of a move, in hexadecimal twice as many characters


def move(tx: Tx, ids: Collection[int], folder: str) -> tuple[int, str]:
    """Move sources to a folder, "" for none. Returns how many were elsewhere, and the id by which it is taken back."""
    move_id, count = _new_id(), 0
    for chunk in chunked(sorted(ids)):
        query = update(Source).where(is_one_of(tx, Source.id, chunk), Source.folder != folder)
        result = tx.execute(
            query.values(folder=folder, folder_before=Source.folder, folder_move=move_id).returning(
                Source.id
            ),
            execution_options={"synchronize_session": False},
        )
        count += len(result.all())
    return count, move_id


def rename(tx: Tx, old: str, new: str) -> tuple[int, str]:
    """Give a folder another path; the folders in it follow. If there is one of that path already, they become one.

    Returns how many sources it has, and the id by which it is taken back.
    """
    move_id = _new_id()
    query = update(Source).where(_is_within(old)).returning(Source.id)
    values = {
        "folder": new + func.substr(Source.folder, len(old) + 1),
        "folder_before": Source.folder,
        "folder_move": move_id,
    }
    result = tx.execute(query.values(**values), execution_options={"synchronize_session": False})
    return len(result.all()), move_id


def take_back(tx: Tx, move_id: str) -> int:
    """Put the sources of a move back, those that nobody has moved again. Returns how many."""
    if not move_id:
        return 0
    query = update(Source).where(Source.folder_move == move_id).returning(Source.id)
    values = {"folder": Source.folder_before, "folder_before": "", "folder_move": ""}
    return len(tx.execute(query.values(**values), execution_options={"synchronize_session": False}).all())


def deepest_within(tx: Tx, folder: str) -> str:
    """The path with the most folders of those in a folder; "" if no source is in it."""
    paths = tx.scalars(select(Source.folder).where(_is_within(folder)).distinct()).all()
    return max(paths, key=lambda path: path.count(SEPARATOR), default="")


def _is_within(folder: str) -> ColumnElement[bool]:
    """Whether a source is in a folder or below it. Not by LIKE, for which SQLite takes "a" and "A" as equal."""
    prefix = folder + SEPARATOR
    return or_(Source.folder == folder, func.substr(Source.folder, 1, len(prefix)) == prefix)


def _new_id() -> str:
    return secrets.token_hex(MOVE_BYTES)
