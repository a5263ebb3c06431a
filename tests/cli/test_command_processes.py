"""The processes in which tests run commands have the arguments and environment of a command, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from digest.project_files import ROOT
from tests.command_processes import CommandProcesses
from tests.own_processes import own_environment


def test_a_command_says_what_it_says_when_it_is_started_alone(
    commands: CommandProcesses, tmp_path: Path
) -> None:
    environment = own_environment(DATELINE_VAR=str(tmp_path / "var"), POLL_MINUTES="often")
    arguments = ("sources", "list")
    alone = subprocess.run(
        [sys.executable, "-m", "digest", *arguments],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    forked = commands.run(*arguments, environment=environment)
    assert "POLL_MINUTES" in alone.stderr
    assert (forked.returncode, forked.stdout, forked.stderr) == (alone.returncode, alone.stdout, alone.stderr)


def test_nothing_of_who_runs_the_tests_or_of_the_last_command_is_in_the_environment(
    commands: CommandProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLL_MINUTES", "often")
    settings = {"DATELINE_VAR": str(tmp_path / "var"), "SECRET_KEY": "a key that is only used in these tests"}
    wrong = commands.run(
        "db", "check", environment=own_environment(**settings, SMTP_URL="smtp://localhost:x25")
    )
    assert wrong.returncode == 2
    done = commands.run("db", "check", environment=own_environment(**settings))
    assert (done.returncode, "SMTP_URL" in done.stderr, "POLL_MINUTES" in done.stderr) == (1, False, False)
