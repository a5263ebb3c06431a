"""The wheel: what is in it, and that all of Dateline runs from it in an empty folder.

It is installed into an environment of its own. Its dependencies come from the environment of the tests, because
installing them would take a minute; that they are declared is checked by their names.
"""

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from digest import __version__
from digest.project_files import ROOT
from tests.journeys.conftest import Site, dateline_up
from tests.waiting import wait_until

pytestmark = pytest.mark.release

BESIDE_THE_PACKAGE = ("templates", "migrations")
BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, check=True)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_has_every_file_of_the_project_and_no_other(wheel: Path) -> None:
    packed = {
        name for name in zipfile.ZipFile(wheel).namelist() if not name.partition("/")[0].endswith("-info")
    }
    in_package = {path.relative_to(ROOT) for path in source_files(ROOT / "digest")}
    beside = {path.relative_to(ROOT) for name in BESIDE_THE_PACKAGE for path in source_files(ROOT / name)}
    beside |= {Path("alembic.ini"), Path("Procfile")}
    assert len(beside) > 100
    assert packed == {str(path) for path in in_package} | {f"digest/{path}" for path in beside}


def test_the_wheel_is_called_by_its_only_version(wheel: Path) -> None:
    assert wheel.name == f"dateline_digest-{__version__}-py3-none-any.whl"


def test_the_wheel_requires_what_the_project_declares(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    (folder,) = tmp_path.glob("*.dist-info")
    required = importlib.metadata.PathDistribution(folder).requires or []
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {package(line) for line in required if "extra ==" not in line} == {
        package(line) for line in declared
    }


def test_everything_runs_from_the_wheel_in_an_empty_folder(installed: Site) -> None:
    for path in ("/", "/static/dateline.css", "/admin/sign-in", "/regions/world/feed.atom"):
        with urlopen(installed.url + path, timeout=20) as answer:
            assert answer.status == 200
    wait_until(lambda: "sample digest to" in installed.log.read_text(), "the sample digest")
    wait_until(lambda: any((installed.log.parent / "var" / "outbox").rglob("*.*")), "a mail")
    assert "up to date" in installed.run("db", "check")
    assert "http" in installed.run("sources", "list")
    assert "Kazakhstan" in installed.run("regions", "list", "--search", "kazakh")
    code = "import digest; print(digest.__file__)"
    python = installed.program.with_name("python")
    imported = subprocess.run(
        [python, "-c", code],
        env=installed.environment,
        cwd=installed.cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(imported.stdout).is_relative_to(installed.program.parents[1])


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Iterator[Site]:
    """`dateline up` of the installed wheel, in an empty folder."""
    environment, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    venv.create(environment)
    packages = next((environment / "lib").glob("python*")) / "site-packages"
    # The .pth files there are not read, so this project's editable install is not found.
    (packages / "dependencies.pth").write_text(str(importlib.metadata.distribution("flask").locate_file("")))
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-index", "--no-deps", str(wheel)], check=True)
    with dateline_up(
        tmp_path,
        program=environment / "bin" / "dateline",
        cwd=empty,
        PYTHONPATH="",
        PATH=f"{environment / 'bin'}:{os.defpath}",
    ) as running:
        yield running


def source_files(folder: Path) -> set[Path]:
    """The files below a folder, without what Python compiled."""
    return {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def package(requirement: str) -> str:
    """The normalized name of the package that a requirement names."""
    name = re.match(r"[\w.-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()
