"""The data folder is closed to other users, whatever the umask is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest import private_files
from digest.app import build_parts
from digest.settings import Settings


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> set[str]:
    return {
        oct(path.stat().st_mode & 0o777) for path in (folder, *folder.rglob("*")) if not path.is_symlink()
    }


def test_everything_that_a_process_creates_is_private(tmp_path: Path) -> None:
    private_files.keep_private()  # as every process of Dateline does when it starts
    var = tmp_path / "var"
    parts = build_parts(Settings.from_env({"DATELINE_VAR": str(var)}))
    parts.db.upgrade()
    (var / "outbox" / "new" / "mail").write_text("to ann@example.com")
    parts.db.close()
    assert (var / "dateline.sqlite3").exists()
    assert modes(var) <= {"0o700", "0o600"}
    assert private_files.open_to_others(var) == []


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    var = tmp_path / "var"
    (var / "outbox").mkdir(parents=True)
    (var / "outbox" / "mail").write_text("to ann@example.com")
    (var / "link").symlink_to("/etc/hosts")
    found = private_files.open_to_others(var)
    assert {path.name for path in found} == {"var", "outbox", "mail"}
    private_files.create_private(var)
    assert oct(var.stat().st_mode & 0o777) == "0o700"
    private_files.make_all_private(var)
    assert modes(var) <= {"0o700", "0o600"}
    assert private_files.open_to_others(var) == []


def test_a_folder_that_does_not_exist_is_open_to_nobody(tmp_path: Path) -> None:
    assert private_files.open_to_others(tmp_path / "none") == []
