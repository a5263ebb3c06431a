"""How mail comes in: mailboxes, Maildirs and pipes. A mail is removed only after it was processed."""

import json
import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from digest.cli.feedback import feedback_group
from digest.errors import UnavailableError
from digest.feedback.incoming_mail import read_mailbox
from digest.feedback.mailboxes import parse_mailbox_url, process_new_mails
from tests.builders import World
from tests.cli.conftest import RunCommand
from tests.feedback.conftest import MAIL_FROM_A_PERSON, FeedbackScenario, bounce
from tests.feedback.mailbox_servers import run_mailbox_server

ADDRESSES = {
    "imaps": "imaps://bounces:secret%20word@127.0.0.1:{}/INBOX",
    "pop3s": "pop3s://bounces:secret%20word@127.0.0.1:{}",
}


def soft_bounce(scenario: FeedbackScenario, world: World, tag: str = "1") -> bytes:
    subscriber = world.subscriber()
    path = scenario.return_path(scenario.delivery(subscriber))
    return bounce(path, subscriber.email, status="4.2.2", diagnostic="452 full", tag=tag)


@pytest.mark.parametrize("kind", ADDRESSES)
def test_processed_mail_is_removed_from_a_mailbox(
    scenario: FeedbackScenario, world: World, tmp_path: Path, kind: str
) -> None:
    with run_mailbox_server(kind, tmp_path) as (box, ssl_context):
        box.add(soft_bounce(scenario, world))
        box.add(MAIL_FROM_A_PERSON)
        box.add(soft_bounce(scenario, world, "2") + b"x" * 9_000 + b"\n")
        url = parse_mailbox_url(ADDRESSES[kind].format(box.port))
        kinds: list[str] = []

        def is_feedback(raw: bytes) -> bool:
            kinds.append(scenario.receive(raw).kind)
            return kinds[-1] != "none"

        folder = tmp_path / "other"
        assert process_new_mails(url, is_feedback, other_mail_folder=folder, ssl_context=ssl_context) == 3
        assert kinds == ["bounce", "none", "bounce"]
        assert process_new_mails(url, is_feedback, other_mail_folder=folder, ssl_context=ssl_context) == 0
        remaining = (
            [file.read_bytes() for file in (folder / "new").glob("*")]
            if folder.exists()
            else list(box.mails.values())
        )
        assert [b"Is anybody there" in raw for raw in remaining] == [True]


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_mail_stays_when_it_could_not_be_processed(tmp_path: Path, kind: str) -> None:
    def fail(_raw: bytes) -> bool:
        raise UnavailableError("the database is down")

    with run_mailbox_server(kind, tmp_path) as (box, ssl_context):
        box.add(MAIL_FROM_A_PERSON)
        url = parse_mailbox_url(ADDRESSES[kind].format(box.port))
        with pytest.raises(UnavailableError, match="database is down"):
            process_new_mails(url, fail, other_mail_folder=tmp_path / "other", ssl_context=ssl_context)
        assert list(box.mails.values()) == [MAIL_FROM_A_PERSON]
        assert box.flags.get(1, set()) == set()


BREAKS = [
    ("imaps", "FETCH 2"),
    ("imaps", "STORE 1"),
    ("imaps", "LOGIN"),
    ("pop3s", "TOP 2"),
    ("pop3s", "QUIT"),
]


@pytest.mark.parametrize(("kind", "command"), BREAKS)
def test_a_server_that_hangs_up_loses_nothing(tmp_path: Path, kind: str, command: str) -> None:
    with run_mailbox_server(kind, tmp_path) as (box, ssl_context):
        box.add(b"From: MAILER-DAEMON@x\n\n1\n")
        box.add(b"From: MAILER-DAEMON@x\n\n2\n")
        box.hang_up_at = command
        url = parse_mailbox_url(ADDRESSES[kind].format(box.port))
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1"):
            process_new_mails(
                url, lambda _raw: True, other_mail_folder=tmp_path / "other", ssl_context=ssl_context
            )
        assert len(box.mails) == 2
        box.hang_up_at = ""
        assert (
            process_new_mails(
                url, lambda _raw: True, other_mail_folder=tmp_path / "other", ssl_context=ssl_context
            )
            >= 1
        )


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_server_without_a_trusted_certificate_gets_no_password(tmp_path: Path, kind: str) -> None:
    with run_mailbox_server(kind, tmp_path) as (box, _ssl_context):
        url, default_context = (
            parse_mailbox_url(ADDRESSES[kind].format(box.port)),
            ssl.create_default_context(),
        )
        with pytest.raises(UnavailableError, match="certificate"):
            process_new_mails(url, lambda _raw: True, other_mail_folder=tmp_path, ssl_context=default_context)


def test_a_wrong_password_is_an_error_that_names_the_setting(tmp_path: Path) -> None:
    with run_mailbox_server("imaps", tmp_path) as (box, ssl_context):
        url = parse_mailbox_url(f"imaps://bounces:wrong@127.0.0.1:{box.port}")
        with pytest.raises(UnavailableError, match="FEEDBACK_MAILBOX"):
            process_new_mails(url, lambda _raw: True, other_mail_folder=tmp_path, ssl_context=ssl_context)


def test_a_maildir_is_read_and_nothing_in_it_is_deleted(
    scenario: FeedbackScenario, world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "mail"
    (folder / "new").mkdir(parents=True)
    (folder / "new" / "1.a").write_bytes(soft_bounce(scenario, world))
    (folder / "new" / "2.a").write_bytes(MAIL_FROM_A_PERSON)
    url, clock = f"maildir://{folder}", scenario.clock
    assert read_mailbox(scenario.db, url, scenario.policy, other_mail_folder=tmp_path, clock=clock) == 2
    assert read_mailbox(scenario.db, url, scenario.policy, other_mail_folder=tmp_path, clock=clock) == 0
    assert sorted(file.name for file in (folder / "cur").iterdir()) == ["1.a:2,S", "2.a:2,"]
    with pytest.raises(UnavailableError, match="not a Maildir"):
        read_mailbox(
            scenario.db,
            f"maildir://{tmp_path}/none",
            scenario.policy,
            other_mail_folder=tmp_path,
            clock=clock,
        )


def parse_lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_dry_run_prints_what_a_mail_means_and_changes_nothing(
    scenario: FeedbackScenario, world: World, tmp_path: Path, run: RunCommand
) -> None:  # fmt: skip
    subscriber = world.subscriber("anna@far.example")
    delivery = scenario.delivery(subscriber)
    file = tmp_path / "a.eml"
    file.write_bytes(bounce(scenario.return_path(delivery), subscriber.email))
    (line,) = parse_lines(run(feedback_group, "read", "--dry-run", str(file)).out)
    assert line == {
        "file": str(file),
        "kind": "bounce",
        "recipients": [
            {"address": "anna@far.example", "class": "hard", "status": "5.1.1", "reason": "nouser"}
        ],
        "delivery": delivery.id,
    }
    assert scenario.reload(subscriber).state == "active"


def test_mails_from_files_folders_and_pipes_are_processed(
    scenario: FeedbackScenario, world: World, tmp_path: Path, run: RunCommand
) -> None:
    subscriber = world.subscriber("anna@far.example")
    raw = bounce(scenario.return_path(scenario.delivery(subscriber)), subscriber.email)
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "1.eml").write_bytes(raw)
    (tmp_path / "mails" / "2.eml").write_bytes(MAIL_FROM_A_PERSON)
    result = run(feedback_group, "read", str(tmp_path / "mails"), str(tmp_path / "none"))
    assert result.status == 2
    assert "none" in result.err
    assert [(line["kind"], line.get("stopped")) for line in parse_lines(result.out)] == [
        ("bounce", 1),
        ("none", 0),
    ]
    (again,) = parse_lines(run(feedback_group, "read", "-", stdin=raw.decode()).out)
    assert (again["readers"], again["new"]) == (1, 0)
    run(feedback_group, "read", "-", stdin=MAIL_FROM_A_PERSON.decode())
    assert len(list((scenario.parts.settings.var / "feedback" / "new").iterdir())) == 1


def test_a_piped_mail_must_be_sent_again_while_the_database_is_down(tmp_path: Path) -> None:
    """The exit status is 75, at which a mail server tries again later."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "SECRET_KEY": "x" * 40,
        "DATELINE_VAR": str(tmp_path),
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    command = [str(Path(sys.executable).with_name("dateline")), "feedback", "read", "-"]
    raw = bounce("bounces@example.org", "anna@far.example")
    process = subprocess.run(
        command, input=raw, env=environment, capture_output=True, timeout=60, check=False
    )
    assert process.returncode == 75, process.stderr


def test_lists_are_printed_and_lifted_from_the_command_line(
    scenario: FeedbackScenario, world: World, tmp_path: Path, run: RunCommand
) -> None:  # fmt: skip
    world.subscriber("anna@far.example")
    file = tmp_path / "list.csv"
    file.write_text("email,reason\nanna@far.example,bounce\nnot one,\n")
    result = run(feedback_group, "suppress", str(file))
    assert (result.status, "suppressed 1, already suppressed 0, rejected 1" in result.out) == (2, True)
    assert "anna@far.example,bounced," in run(feedback_group, "suppressed").out
    assert "is active" in run(feedback_group, "lift", "anna@far.example", "--mistaken").out
    assert run(feedback_group, "lift", "anna@far.example").status == 2
