"""`dateline import`: whole exports of other programs, with those who left, bounced, complained or never confirmed."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from digest.cli.import_reports import WORDS as COUNTS
from digest.cli.main import load_command
from digest.cli.subscribers import subscribers_group
from digest.parts import Parts
from digest.subscribers.models import Consent, Subscriber
from digest.subscribers.pure.email_address import address_hash, parse_address
from digest.subscribers.pure.programs import programs
from digest.subscribers.store import subscribers, suppressions
from tests.cli.conftest import CommandResult, RunCommand
from tests.conftest import NOON

CONSENT = "audience Asia, double opt-in"
JOINED = "2024-03-01 10:00:00"
# What each program exports: a person who gets mails, one who left, one whose address fails or is blocked, one who never
# confirmed; as far as its export has them.
EXPORTS: dict[str, dict[str, str]] = {
    "listmonk": {
        "subscribers.csv": "uuid,email,name,attributes,status,created_at,updated_at\n"
        f'1,ann@r.example,Ann,"{{""city"": ""Osh, KG""}}",enabled,{JOINED}.5+00,2026\n'
        f"2,left@r.example,L,{{}},disabled,{JOINED},2026\n3,blocked@r.example,B,{{}},blocklisted,{JOINED},2026\n"
    },
    "mailchimp": {
        "subscribed_members_export_1a.csv": "Email Address,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,TIMEZONE\n"
        f"ann@r.example,2024-02-29 08:00:00,192.0.2.1,{JOINED},192.0.2.7,Asia/Bishkek\n",
        "unsubscribed_members_export_1a.csv": "Email Address,OPTIN_TIME,UNSUB_TIME,UNSUB_REASON\n"
        f"left@r.example,{JOINED},2025-05-05 05:05:05,NORMAL\n",
        "cleaned_members_export_1a.csv": "Email Address,OPTIN_TIME,CLEAN_TIME\n"
        f"blocked@r.example,{JOINED},2025-06-06 06:06:06\n",
        "nonsubscribed_members_export_1a.csv": "Email Address,OPTIN_TIME\nnever@r.example,\n",
    },
    "ghost": {
        "members.csv": "id,email,name,note,subscribed_to_emails,complimentary_plan,created_at,deleted_at,labels,tiers\n"
        "1,ann@r.example,Ann,,true,false,2024-03-01T10:00:00.000Z,,,\n2,left@r.example,L,,false,false,2024-03-01T10:00:00.000Z,,,\n"
    },
    "buttondown": {
        "subscribers.csv": "email_address,type,creation_date,unsubscription_date,undeliverability_date,ip_address\n"
        "ann@r.example,unpaid,2024-03-01T10:00:00Z,,,192.0.2.7\n"
        "left@r.example,unsubscribed,2024-03-01T10:00:00Z,2025-05-05T05:05:05Z,,\n"
        "blocked@r.example,undeliverable,2024-03-01T10:00:00Z,,2025-06-06T06:06:06Z,\n"
        "never@r.example,unactivated,2024-03-01T10:00:00Z,,,\n"
    },
    "substack": {
        "export.csv": "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"
        "ann@r.example,false,,other,false,2024-03-01T10:00:00.000Z,\nleft@r.example,true,,other,true,2024-03-01T10:00:00.000Z,\n"
    },
    "dateline": {
        "subscribers.csv": "email,state,regions,cadence,weekday,time,zone,created_at,confirmed_at,paused_until\n"
        f"ann@r.example,active,kz ge,weekly,2,06:45,Asia/Almaty,{JOINED}+00:00,{JOINED}+00:00,\n"
        f"left@r.example,unsubscribed,kz,daily,0,07:00,UTC,{JOINED},{JOINED},\n"
        f"blocked@r.example,suppressed,kz,daily,0,07:00,UTC,{JOINED},{JOINED},\n"
        f"never@r.example,pending,kz,daily,0,07:00,UTC,{JOINED},,\n"
    },
    "other": {
        "people.csv": "Mail;Opted in;Bounced;Complained\nann@r.example;yes;no;\n"
        "left@r.example;no;;\nblocked@r.example;yes;;2025-06-06\n"
    },
}


def run_import(
    run: RunCommand, tmp_path: Path, program: str, files: dict[str, str], *options: str
) -> tuple[CommandResult, dict[str, Any]]:
    """The result of the command, whose counts are those of all rows: none is lost."""
    paths = [tmp_path / name for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text)
    given = ("--consent", CONSENT, "--default", "regions=central-asia", "--json", *options)
    result = run(load_command("import"), program, *map(str, paths), *given)
    values = json.loads(result.out)
    rows = sum(text.count("\n") - 1 for text in files.values())
    assert (
        sum(values[name] if isinstance(values[name], int) else len(values[name]) for name in COUNTS) == rows
    )
    return result, values


def find(parts: Parts, email: str) -> tuple[Subscriber | None, list[Consent]]:
    with parts.db.read() as tx:
        row = subscribers.find_by_address(tx, parse_address(email))
        return row, list(subscribers.consents(tx, row)) if row else []


def is_suppressed(parts: Parts, email: str) -> bool:
    key = address_hash(parts.settings.secret_key, parse_address(email).key)
    with parts.db.read() as tx:
        return suppressions.find_by_hash(tx, key) is not None


def test_every_program_has_an_export_here() -> None:
    assert set(EXPORTS) == set(programs())


@pytest.mark.parametrize("program", EXPORTS)
def test_everybody_of_an_export_stands_here_as_there(
    run: RunCommand, parts: Parts, tmp_path: Path, program: str
) -> None:
    text = "".join(EXPORTS[program].values())
    result, counts = run_import(run, tmp_path, program, EXPORTS[program])
    assert result.status == 0
    assert (counts["active"], counts["left"], counts["rejected"]) == (1, 1, [])
    assert counts["suppressed"] == ("blocked@" in text)
    assert len(counts["unconfirmed"]) == ("never@" in text)
    ann, (consent,) = find(parts, "ann@r.example")
    assert ann
    assert ann.state == "active"
    assert CONSENT in consent.wording
    if "2024" in text:
        assert f"{ann.confirmed_at:%Y-%m-%d %H:%M:%S}" == JOINED
        assert consent.at == ann.confirmed_at
        assert "2024" in consent.wording
    assert consent.origin == ("192.0.2.7" if "192.0.2.7" in text else "import")
    left, _consents = find(parts, "left@r.example")
    assert left
    assert left.state == "unsubscribed"
    assert left.left_at
    assert (left.left_at.year == 2025) == ("2025-05-05" in text)
    assert find(parts, "never@r.example") == (None, [])
    assert is_suppressed(parts, "blocked@r.example") == ("blocked@" in text)


def test_the_archive_of_a_program_is_read_as_a_whole(run: RunCommand, parts: Parts, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in EXPORTS["mailchimp"].items():
            archive.writestr(f"audience/{name}", text)
    path = tmp_path / "audience_export.zip"
    path.write_bytes(buffer.getvalue())
    options = ("--consent", CONSENT, "--default", "regions=KG", "--rejected", str(tmp_path / "left_out.csv"))
    result = run(load_command("import"), "mailchimp", str(path), *options)
    assert "4 rows: 1 get mails, 1 unsubscribed, 1 suppressed, 1 never confirmed, left out\n" in result.out
    assert "nonsubscribed_members_export_1a.csv, line 2: never@r.example never confirmed there" in result.err
    assert "never@r.example" in (tmp_path / "left_out.csv").read_text("utf-8-sig")
    ann, _consents = find(parts, "ann@r.example")
    assert ann
    assert ann.zone == "Asia/Bishkek"


def test_a_dry_run_shows_the_mapping_and_changes_nothing(
    run: RunCommand, parts: Parts, tmp_path: Path
) -> None:
    path = tmp_path / "subscribers.csv"
    path.write_text(EXPORTS["listmonk"]["subscribers.csv"])
    result = run(
        load_command("import"),
        "listmonk",
        str(path),
        "--consent",
        CONSENT,
        "--dry-run",
        "--default",
        "regions=KG",
    )
    assert '  joined: column "created_at"\n' in result.out
    assert "not used: uuid, name, attributes, updated_at" in result.out
    assert "3 rows would be: 1 get mails, 1 unsubscribed, 1 suppressed\n" in result.out
    assert find(parts, "ann@r.example") == find(parts, "left@r.example") == (None, [])
    assert not is_suppressed(parts, "blocked@r.example")


def test_what_speaks_most_against_mail_counts_and_a_repetition_changes_nothing(
    run: RunCommand, parts: Parts, tmp_path: Path
) -> None:
    files = {
        "a.csv": "email,status\nann@r.example,active\nbob@r.example,active\n",
        "b.csv": "email,status\nANN@r.example,complained\n",
    }
    _result, counts = run_import(run, tmp_path, "other", files)
    assert (counts["active"], counts["suppressed"], len(counts["repeated"])) == (1, 1, 1)
    assert find(parts, "ann@r.example") == (None, [])
    _result, counts = run_import(run, tmp_path, "other", files)
    assert (counts["active"], counts["suppressed"], counts["known"], len(counts["repeated"])) == (0, 0, 2, 1)
    _result, counts = run_import(run, tmp_path, "other", {"c.csv": "email\nann@r.example\n"})
    assert counts["refused"] == 1


def test_a_subscriber_of_ours_stays_unless_mail_to_them_is_refused(
    run: RunCommand, parts: Parts, tmp_path: Path
) -> None:
    run_import(run, tmp_path, "other", {"a.csv": "email\nann@r.example\nbob@r.example\n"})
    files = {"b.csv": "email,status\nann@r.example,unsubscribed\nbob@r.example,bounced\n"}
    _result, counts = run_import(run, tmp_path, "other", files)
    assert (counts["known"], counts["suppressed"]) == (1, 1)
    states = [row.state for email in ("ann", "bob") if (row := find(parts, f"{email}@r.example")[0])]
    assert states == ["active", "suppressed"]


def test_rows_that_cannot_be_read_are_named_and_the_others_imported(
    run: RunCommand, parts: Parts, tmp_path: Path
) -> None:
    lines = "email,status,created_at\nann@r.example,active,01/02/2026\nnobody,active,\nbob@r.example,California,\n"
    kept = tmp_path / "kept.csv"
    result, counts = run_import(run, tmp_path, "other", {"a.csv": lines}, "--rejected", str(kept))
    assert result.status == 2
    assert [item["line"] for item in counts["rejected"]] == [3, 4]
    assert "more than one reading" in counts["remarks"][0]["text"]
    ann, (consent,) = find(parts, "ann@r.example")
    assert ann
    assert ann.created_at == NOON
    assert "01/02/2026" in consent.wording
    assert kept.read_text("utf-8-sig").count("\n") == 3
    assert run(subscribers_group, "erase", "ann@r.example", "--yes").status == 0


def test_rows_of_two_files_of_the_same_name_are_kept_apart(run: RunCommand, tmp_path: Path) -> None:
    for folder, row in (("north", "nobody,North"), ("south", "nobody else,South")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "list.csv").write_text(f"email,name\n{row}\n")
    files = [str(tmp_path / folder / "list.csv") for folder in ("north", "south")]
    kept = tmp_path / "kept.csv"
    run(
        load_command("import"),
        "other",
        *files,
        "--consent",
        CONSENT,
        "--default",
        "regions=KZ",
        "--rejected",
        str(kept),
    )
    text = kept.read_text("utf-8-sig")
    assert all(path in text for path in files)
    assert "nobody,North,2," in kept.read_text("utf-8-sig")
    assert "nobody else,South,2," in kept.read_text("utf-8-sig")


def test_a_paused_subscriber_of_ours_stays_paused_until_then(
    run: RunCommand, parts: Parts, tmp_path: Path
) -> None:
    header = "email,state,regions,paused_until\n"
    rows = "ann@r.example,paused,kz,2026-04-01T00:00:00+00:00\nbob@r.example,paused,kz,\n"
    result, counts = run_import(run, tmp_path, "dateline", {"a.csv": header + rows})
    assert result.status == 2
    assert "does not say until when" in counts["rejected"][0]["text"]
    ann, _consents = find(parts, "ann@r.example")
    assert ann
    assert (ann.state, f"{ann.paused_until:%Y-%m-%d}") == ("paused", "2026-04-01")


def test_an_import_is_listed_and_taken_back_once(run: RunCommand, parts: Parts, tmp_path: Path) -> None:
    _result, counts = run_import(run, tmp_path, "other", {"a.csv": "email\nann@r.example\n"})
    number, group = str(counts["import_id"]), load_command("import")
    assert "can be undone" in run(group, "list").out
    assert run(group, "undo", number, "--dry-run").out == "would be: 1 removed\n"
    assert find(parts, "ann@r.example")[0]
    assert run(group, "undo", number, "--yes").out == "1 removed\n"
    assert find(parts, "ann@r.example") == (None, [])
    assert "has been undone already" in run(group, "undo", number, "--yes").err
    assert json.loads(run(group, "list", "--json").out)["imports"][0]["state"] == "undone"
