"""`--json`: every command that tells people something tells it to programs too."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from digest.cli.main import COMMANDS, load_command
from digest.cli.reports import DATA_COMMANDS
from tests.cli.conftest import RunCommand


def leaves(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, member in command.commands.items():
            yield from leaves(member, f"{path} {name}")
    else:
        yield path, command


def test_every_command_has_it_unless_its_output_is_data() -> None:
    found = {path: command for name in COMMANDS for path, command in leaves(load_command(name), name)}
    without = {
        path for path, command in found.items() if not any("--json" in param.opts for param in command.params)
    }
    assert without == DATA_COMMANDS


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("accounts add ann@example.org", {"email": "ann@example.org"}),
        ("tokens add intranet --scope read", {"token": ...}),
        ("webhooks add https://crm.example.org/", {"url": "https://crm.example.org/", "secret": ...}),
        ("subscribers add ann@example.org --regions kz", {"state": "asked"}),
        ("db check", {"pending": []}),
        ("deliveries stuck", {"count": 0}),
        ("editions draft", {"edition": 1, "state": "draft"}),
    ],
)
def test_what_was_done_is_an_object(run: RunCommand, words: str, expected: dict[str, object]) -> None:
    name, *arguments = words.split()
    result = run(load_command(name), *arguments, "--json")
    assert result.status == 0, result.err
    (line,) = result.out.splitlines()
    values = json.loads(line)
    assert values["message"]
    for key, value in expected.items():
        assert values[key] if value is ... else values[key] == value


def test_it_is_another_way_to_ask_for_the_format_json(run: RunCommand) -> None:
    assert (
        run(load_command("regions"), "list", "--json").out
        == run(load_command("regions"), "list", "--format", "json").out
    )
    assert json.loads(run(load_command("sources"), "list", "--json").out) == []


def test_an_import_has_its_errors_by_row_and_no_words_for_people(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    file.write_text("email,regions\nann@r.example,KZ\nnobody,KZ\n")
    result = run(
        load_command("subscribers"), "import", str(file), "--consent", "on paper", "--dry-run", "--json"
    )
    (line,) = result.out.splitlines()
    values = json.loads(line)
    assert (values["added"], values["dry_run"]) == (1, True)
    assert [row["number"] for row in values["rejected"]] == [3]
