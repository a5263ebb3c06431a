"""The commands `backup`, `restore` and `db downgrade`, as an operator runs them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command_processes import CommandProcesses
from tests.own_processes import own_environment

KEY, OTHER_KEY = "a key that is only used in these tests", "another key that is only used in tests"
Run = Callable[..., str]


@pytest.fixture(scope="module")
def run(commands: CommandProcesses) -> Run:
    def run_for(var: Path, *arguments: str, key: str = KEY, status: int = 0) -> str:
        done = commands.run(*arguments, environment=own_environment(DATELINE_VAR=str(var), SECRET_KEY=key))
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run_for


@pytest.fixture(scope="module")
def first_site(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    var = tmp_path_factory.mktemp("site") / "var"
    run(var, "db", "upgrade")
    run(var, "accounts", "add", "ann@example.org", "--role", "admin", "--print-link")
    return var


@pytest.fixture
def site(first_site: Path, tmp_path: Path) -> Path:
    """The data folder of a site with an account."""
    return shutil.copytree(first_site, tmp_path / "var")


def test_a_site_comes_back_from_its_copy_with_its_own_key_only(site: Path, run: Run, tmp_path: Path) -> None:
    key_file = tmp_path / "elsewhere.key"
    printed = run(site, "backup", str(tmp_path / "copies"), "--key-file", str(key_file))
    assert "verified" in printed
    (folder,) = (tmp_path / "copies").iterdir()
    assert key_file.read_text().strip() == KEY
    assert {path.stat().st_mode & 0o077 for path in (key_file, folder, *folder.iterdir())} == {0}
    assert not any(KEY.encode() in path.read_bytes() for path in folder.iterdir())
    refused = run(tmp_path / "new", "restore", str(folder), key=OTHER_KEY, status=2)
    assert "SECRET_KEY is not the one of the copy" in refused
    assert "restored" in run(tmp_path / "new", "restore", str(folder))
    assert "ann@example.org" in run(tmp_path / "new", "accounts", "list")
    assert "is not empty" in run(tmp_path / "new", "restore", str(folder), status=2)


def test_the_key_is_not_put_beside_the_copy(site: Path, run: Run, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    refused = run(site, "backup", str(copies), "--key-file", str(copies / "key"), status=2)
    assert "the key belongs in another place" in refused
    assert not copies.exists()


def test_the_schema_goes_back_one_version_and_forth(site: Path, run: Run) -> None:
    undone = run(site, "db", "downgrade", "0018")
    assert undone.startswith("undone: ")
    assert "0020" in undone
    assert "the schema is at 0018" in run(site, "db", "downgrade", "0018")
    assert "0020" in run(site, "db", "check", status=1)
    assert "is no revision" in run(site, "db", "downgrade", "0000", status=2)
    assert "0020" in run(site, "db", "upgrade")
    assert "up to date" in run(site, "db", "check")
