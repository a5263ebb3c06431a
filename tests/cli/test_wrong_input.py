"""What commands say to what they can't use: a sentence and status 2, never a traceback."""

from pathlib import Path

import click
import pytest

from digest.cli.editions import editions_group
from digest.cli.feedback import feedback_group
from digest.cli.regions import regions_group
from digest.cli.sources import sources_group
from digest.cli.subscribers import subscribers_group
from tests.cli.conftest import RunCommand

NO_CSV = {
    "octets": b"\xff\xfe\x00",
    "nothing": b"",
    "no address": b"name,regions\nAnn,GE\n",
    "endless cell": b'email,regions\n"' + b"x" * 200_000,
}


@pytest.mark.parametrize("body", NO_CSV.values(), ids=NO_CSV)
@pytest.mark.parametrize(
    ("group", "command"),
    [(subscribers_group, ("import", "--consent", "a list on paper")), (feedback_group, ("suppress",))],
    ids=["import", "suppress"],
)
def test_a_file_that_is_no_list_of_addresses_is_refused_as_a_whole(
    run: RunCommand, tmp_path: Path, group: click.Command, command: tuple[str, ...], body: bytes
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(body)
    result = run(group, *command, str(file))
    assert result.status == 2
    assert 'no column "email"' in result.err or "The file is no CSV: line 2" in result.err


def test_readers_come_in_only_with_what_they_agreed_to(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("email,regions\nann@example.org,GE\n")
    result = run(subscribers_group, "import", str(tmp_path / "list.csv"), "--consent", " ")
    assert result.status == 2
    assert "say where and when they agreed" in result.err
    assert "ann@example.org" not in run(subscribers_group, "export").out


def test_columns_may_be_written_with_capitals_and_blanks(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("\ufeffEmail , Regions\nann@example.org,GE\n")
    assert "added 1" in run(subscribers_group, "import", str(tmp_path / "list.csv"), "--consent", "paper").out


@pytest.mark.parametrize("number", ["0", "-1", "2147483648", "99999999999999999999", "1_0"])
def test_an_edition_has_a_number_that_can_be_one(run: RunCommand, number: str) -> None:
    for command in ("show", "pause", "resume"):
        result = run(editions_group, command, "--", number)
        assert result.status == 2


def test_a_language_that_is_none_is_named(run: RunCommand) -> None:
    result = run(regions_group, "list", "--lang", "xx")
    assert result.status == 2
    assert 'CLDR has no language "xx"' in result.err
    for known in ("pt-BR", "pt_BR", "ru", "zh-Hant"):
        assert run(regions_group, "list", "--lang", known).status == 0


def test_a_document_came_from_an_address_of_the_web_or_none(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text("<rss version='2.0'><channel><title>x</title></channel></rss>")
    result = run(sources_group, "parse", str(tmp_path / "feed.xml"), "--url", "nonsense")
    assert result.status == 2
    assert "not an address of a web page" in result.err
