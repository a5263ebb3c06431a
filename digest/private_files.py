"""Keeps the data folder private: it holds addresses, mails and the secret key."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

PRIVATE_UMASK = 0o077
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private() -> None:
    """Let this process, and those that it starts, create files that only this user can read."""
    os.umask(PRIVATE_UMASK)


def create_private(folder: Path) -> None:
    """Make a folder that only this user can enter, which also protects everything in it."""
    folder.mkdir(parents=True, exist_ok=True)
    _close_to_others(folder)


def make_all_private(folder: Path) -> None:
    """Close a folder and all files in it to others, after an earlier version made them with another umask."""
    create_private(folder)
    for path in _all_below(folder):
        _close_to_others(path)


def open_to_others(folder: Path) -> list[Path]:
    """The files and folders that others may read or enter; none if the folder does not exist."""
    if not folder.exists():
        return []
    return [path for path in (folder, *_all_below(folder)) if _mode(path) & OTHERS]


def _all_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent, name) for name in (*folders, *files))


def _mode(path: Path) -> int:
    """The mode of a file, or 0 if it is a link or has just gone."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return 0
    return 0 if stat.S_ISLNK(status.st_mode) else stat.S_IMODE(status.st_mode)


def _close_to_others(path: Path) -> None:
    mode = _mode(path)
    if mode & OTHERS:
        with contextlib.suppress(PermissionError, FileNotFoundError):  # another user's: the doctor reports it
            path.chmod(mode & ~OTHERS)
