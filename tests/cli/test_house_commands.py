"""`dateline db`, `doctor`, and how the command line speaks."""

import subprocess
import sys
from pathlib import Path

from digest.cli.db import db_group
from digest.cli.doctor import doctor
from digest.parts import Parts
from tests.cli.conftest import RunCommand
from tests.command_processes import CommandProcesses
from tests.own_processes import own_environment

DATELINE = str(Path(sys.executable).with_name("dateline"))


def test_the_schema_can_be_checked_and_upgraded(run: RunCommand) -> None:
    assert run(db_group, "check").out == "up to date\n"
    assert run(db_group, "upgrade").out == "up to date\n"


def test_a_database_that_is_not_migrated_is_named_with_the_mend(
    commands: CommandProcesses, tmp_path: Path
) -> None:
    done = commands.run("db", "check", environment=_env(tmp_path))
    assert done.returncode == 1
    assert "run `dateline db upgrade`" in done.stderr
    listed = commands.run("sources", "list", environment=_env(tmp_path))
    assert listed.returncode == 1
    assert "dateline db upgrade" in listed.stderr
    assert "Traceback" not in listed.stderr


def test_wrong_settings_are_all_named_at_once(commands: CommandProcesses, tmp_path: Path) -> None:
    wrong = _env(tmp_path) | {"POLL_MINUTES": "often", "SMTP_URL": "smtp://localhost:x25"}
    done = commands.run("db", "check", environment=wrong)
    assert done.returncode == 2
    assert 'POLL_MINUTES: "often" is not a whole number from 30 to 1440' in done.stderr
    assert 'SMTP_URL: port "x25" is not a number (example: smtp://' in done.stderr


def test_help_needs_no_settings_and_teaches(tmp_path: Path) -> None:
    wrong = _env(tmp_path) | {"POLL_MINUTES": "often"}
    done = subprocess.run([DATELINE, "--help"], env=wrong, capture_output=True, text=True, check=True)
    for command in ("accounts", "db", "doctor", "editions", "regions", "sources", "subscribers", "up"):
        assert command in done.stdout


def test_the_doctor_names_files_that_others_may_read(run: RunCommand, parts: Parts) -> None:
    (parts.settings.var / "dateline.sqlite3").chmod(0o644)
    result = run(doctor)
    assert "✗ files: others may read" in result.out
    assert f"chmod -R go= {parts.settings.var}" in result.out


def test_the_doctor_names_the_broker_that_does_not_answer(run: RunCommand, parts: Parts) -> None:
    result = run(doctor)
    assert result.status == 1
    assert "✗ broker: does not answer" in result.out
    assert "✓ database: ok" in result.out


def _env(folder: Path) -> dict[str, str]:
    return own_environment(DATELINE_VAR=str(folder / "var"), HOME=str(folder))
