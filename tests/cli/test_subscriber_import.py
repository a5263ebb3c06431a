"""`dateline subscribers import`, another name of `dateline import other`: files of spreadsheets and programs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.cli.feedback import feedback_group
from digest.cli.subscribers import subscribers_group
from tests.cli.conftest import CommandResult, RunCommand

ImportFile = Callable[..., CommandResult]


@pytest.fixture
def import_file(run: RunCommand, tmp_path: Path) -> ImportFile:
    def import_(content: str | bytes, *options: str) -> CommandResult:
        file = tmp_path / "readers.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return run(subscribers_group, "import", str(file), "--consent", "on paper", *options)

    return import_


EXPORTS = {
    "Mailchimp": (
        "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,CC,REGION\n"
        "ann@r.example,Ann,2,2026-01-02 03:04:05,KZ,ny\n"
    ),
    "Mailchimp, unsubscribed": "Email Address,First Name,UNSUB_TIME\ngone@r.example,G,2026-01-02 03:04:05\n",
    "Buttondown": (
        'email_address,type,tags,metadata\nann@r.example,regular,"[""a"", ""b""]",{}\ngone@r.example,unsubscribed,,\n'
    ),
    "Ghost": (
        "id,email,name,note,subscribed_to_emails,created_at,deleted_at\n"
        "1,ann@r.example,Ann,,true,2026-01-02,\n2,gone@r.example,G,,false,2026-01-02,\n"
    ),
    "listmonk": (
        "uuid,email,name,attributes,status,created_at\n"
        '1,ann@r.example,Ann,"{""city"": ""Osh, KG""}",enabled,2026\n2,gone@r.example,G,{},blocklisted,2026\n'
    ),
    "Substack": (
        "email,active_subscription,expiry,email_disabled,created_at\n"
        "ann@r.example,false,,false,2026\ngone@r.example,true,,true,2026\n"
    ),
}


@pytest.mark.parametrize("content", EXPORTS.values(), ids=EXPORTS)
def test_an_export_brings_those_who_get_mails(run: RunCommand, import_file: ImportFile, content: str) -> None:
    result = import_file(content, "--default", "regions=central-asia")
    assert "use `dateline import other`" in result.err
    exported = run(subscribers_group, "export").out
    assert ("ann@r.example,active" in exported) == ("ann@r.example" in content)
    assert "gone@r.example,active" not in exported


def test_a_list_of_a_european_spreadsheet_is_read(run: RunCommand, import_file: ImportFile) -> None:
    content = "sep=;\r\nEmail;Regions;State;Language;Time\r\nann@r.example;KZ,GE;Active;en-US;07:15:00\r\n"
    assert "added 1" in import_file(content).out
    shown = json.loads(run(subscribers_group, "show", "ann@r.example").out)
    assert (shown["regions"], shown["language"], shown["send_minute"]) == (["kz", "ge"], "en", 435)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1251"])
def test_regions_are_read_in_any_encoding(run: RunCommand, import_file: ImportFile, encoding: str) -> None:
    content = "Электронная почта\tИмя\tРегионы\nann@r.example\tАнна Каренина\tКазахстан, Грузия\n"
    assert "added 1" in import_file(content.encode(encoding)).out
    assert json.loads(run(subscribers_group, "show", "ann@r.example").out)["regions"] == ["kz", "ge"]


def test_a_dry_run_shows_the_mapping_and_every_error_and_changes_nothing(
    run: RunCommand, import_file: ImportFile
) -> None:
    bad = "".join(f"nobody{number};\n" for number in range(30))
    result = import_file(f"E-Mail;Name\nann@r.example;Ann\n{bad}", "--dry-run", "--default", "regions=KZ")
    assert result.status == 2
    assert '31 rows; semicolons separate the columns\n  email: column "E-Mail"\n' in result.out
    assert '  regions: "KZ" where the file does not say\n' in result.out
    assert "  not used: Name\n" in result.out
    assert "would add 1, already subscribed 0, suppressed 0, rejected 30" in result.out
    listed = [line for line in result.err.splitlines() if not line.startswith("Deprecation")]
    assert [line.split(":")[0] for line in listed] == [f"line {n}" for n in range(3, 33)]
    assert "ann@r.example" not in run(subscribers_group, "export").out


def test_rejected_rows_are_kept_to_be_corrected(import_file: ImportFile, tmp_path: Path) -> None:
    kept = tmp_path / "rejected.csv"
    content = "Email;Regions\nann@r.example;KZ\n=bob;KZ\ncat@r.example;Atlantis\n"
    assert "rejected 2" in import_file(content, "--rejected", str(kept)).out
    text = kept.read_text("utf-8-sig")
    assert "'=bob,KZ,3," in text
    assert "\n=bob" not in text
    corrected = text.replace("Atlantis", "GE").replace("'=bob", "bob@r.example")
    assert "added 2, already subscribed 0, suppressed 0, rejected 0" in import_file(corrected).out


def test_columns_can_be_chosen(run: RunCommand, import_file: ImportFile) -> None:
    content = "Contact,Status,Where\nann@r.example,customer,GE\n"
    options = ("--column", "email=contact", "--column", "state=", "--column", "regions=Where")
    assert "added 1" in import_file(content, *options).out
    assert json.loads(run(subscribers_group, "show", "ann@r.example").out)["regions"] == ["ge"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--column", "email"), 'has no "="'),
        (("--column", "mail=Email"), 'no field "mail"'),
        (("--default", "language=xx"), '"xx" is not offered'),
        (("--default", "email=a@b.example"), "can't have a default"),
        (("--encoding", "klingon"), "klingon"),
    ],
)
def test_a_wrong_option_is_named_before_anything_is_imported(
    run: RunCommand, import_file: ImportFile, options: tuple[str, str], words: str
) -> None:
    result = import_file("Email,Regions\nann@r.example,KZ\n", *options)
    assert result.status == 2
    assert words in result.err
    assert "ann@r.example" not in run(subscribers_group, "export").out


def test_the_list_of_suppressions_is_read_the_same_way(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes("Email Address;Reason\nann@r.example;HardBounce\nbob@r.example;Имя\n".encode("utf-16"))
    assert "suppressed 2, already suppressed 0, rejected 0" in run(feedback_group, "suppress", str(file)).out
