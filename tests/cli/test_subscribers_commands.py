"""`dateline subscribers`: in, out, one, none."""

import csv
import io
import json
from pathlib import Path

from digest.cli.subscribers import subscribers_group
from tests.cli.conftest import RunCommand

LIST = """email,regions,cadence,time,zone
ann@example.com,central-asia GE,weekdays,06:45,Asia/Tbilisi
not an address,central-asia,,,
bob@example.com,atlantis,,,
=cmd@example.com,ir,,,
cat@example.com,iran,,07:10,Asia/Tehran
"""


def test_good_lines_are_imported_and_bad_ones_named(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "readers.csv").write_text(LIST)
    result = run(subscribers_group, "import", str(tmp_path / "readers.csv"), "--consent", "a list on paper")
    assert result.status == 2
    assert "added 2, already subscribed 0, suppressed 0, rejected 3" in result.out
    assert "line 3: " in result.err
    assert "line 4: region 'atlantis' is not known" in result.err
    assert 'line 6: Time: "07:10" is not a time in steps of 15 minutes' in result.err

    shown = json.loads(run(subscribers_group, "show", "ann@example.com").out)
    assert shown["regions"] == ["central-asia", "ge"]
    assert (shown["state"], shown["zone"], shown["send_minute"]) == ("active", "Asia/Tbilisi", 405)
    assert shown["consents"][0]["wording"] == "a list on paper"


def test_an_export_can_be_imported_and_runs_nothing_in_a_spreadsheet(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "readers.csv").write_text(LIST)
    run(subscribers_group, "import", str(tmp_path / "readers.csv"), "--consent", "x")
    exported = run(subscribers_group, "export").out
    rows = {row["email"]: row for row in csv.DictReader(io.StringIO(exported))}
    assert rows["ann@example.com"]["regions"] == "central-asia ge"
    assert "'=cmd@example.com" in rows
    assert "=cmd@example.com" not in rows


def test_nobody_who_left_is_brought_back_by_importing_an_export(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    file.write_text("email,regions\nann@example.com,ir\nbob@example.com,ir\n")
    run(subscribers_group, "import", str(file), "--consent", "x")
    exported = run(subscribers_group, "export").out
    for email in (
        "ann@example.com",
        "bob@example.com",
    ):  # a new site: nobody is known there, nobody suppressed
        run(subscribers_group, "erase", email, "--yes")
        run(subscribers_group, "allow", email)
    file.write_text(exported.replace("bob@example.com,active", "bob@example.com,unsubscribed"))
    result = run(subscribers_group, "import", str(file), "--consent", "moved here")
    assert "added 1, already subscribed 0, suppressed 0, rejected 0, unsubscribed 1" in result.out
    assert json.loads(run(subscribers_group, "show", "bob@example.com").out)["state"] == "unsubscribed"


def test_an_export_has_all_that_an_import_reads(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    header = "email,regions,size,language,kinds,languages_read,show_why"
    file.write_text(f"{header}\n+ann@example.com,ir ge,brief,ru,sport opinion,fa en,yes\n")
    run(subscribers_group, "import", str(file), "--consent", "x")
    exported = run(subscribers_group, "export").out
    run(subscribers_group, "erase", "+ann@example.com", "--yes")
    run(subscribers_group, "allow", "+ann@example.com")
    file.write_text(exported)
    assert run(subscribers_group, "import", str(file), "--consent", "x").status == 0
    shown = json.loads(run(subscribers_group, "show", "+ann@example.com").out)
    assert (shown["regions"], shown["size"], shown["language"]) == (["ir", "ge"], "brief", "ru")
    content = (shown["kinds"], shown["languages_read"], shown["show_why"])
    assert content == (["sport", "opinion"], ["en", "fa"], True)


def test_erasing_asks_first_and_keeps_the_address_suppressed(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "readers.csv").write_text("email,regions\nann@example.com,ir\n")
    readers = str(tmp_path / "readers.csv")
    run(subscribers_group, "import", readers, "--consent", "x")
    assert run(subscribers_group, "erase", "ann@example.com", stdin="n\n").status == 1
    assert run(subscribers_group, "show", "ann@example.com").status == 0
    assert run(subscribers_group, "erase", "ann@example.com", "--yes").out == "erased ann@example.com\n"
    assert run(subscribers_group, "show", "ann@example.com").err == "There is no subscriber ann@example.com."
    assert "suppressed 1" in run(subscribers_group, "import", readers, "--consent", "x").out


def test_an_erased_address_can_be_allowed_again_once(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "readers.csv").write_text("email,regions\nann@example.com,ir\n")
    readers = str(tmp_path / "readers.csv")
    run(subscribers_group, "import", readers, "--consent", "x")
    run(subscribers_group, "erase", "ann@example.com", "--yes")
    assert run(subscribers_group, "allow", "Ann@Example.com").out == "Ann@example.com may subscribe again\n"
    assert run(subscribers_group, "allow", "ann@example.com").err == "ann@example.com is not suppressed."
    assert "added 1" in run(subscribers_group, "import", readers, "--consent", "x").out


def test_addresses_are_taken_out_of_what_was_pasted_and_nobodys_address_is_refused(
    run: RunCommand, tmp_path: Path
) -> None:
    file = tmp_path / "readers.csv"
    file.write_text(
        "email,regions\n\u200bdora@example.org,ir\nEmil <emil@example.org>,ir\nmailto:fay@example.org,ir\n"
        "=?utf-8?q?gus?=@example.org,ir\n"
    )
    result = run(subscribers_group, "import", str(file), "--consent", "x")
    assert "added 3, already subscribed 0, suppressed 0, rejected 1" in result.out
    assert (
        'line 5: "=?utf-8?q?gus?=@example.org" is not an e-mail address: "=?" can\'t be part of it'
        in result.err
    )
    shown = json.loads(run(subscribers_group, "show", "\ufeffemil@example.org").out)
    assert shown["email"] == "emil@example.org"
