"""How mail comes in: mailboxes, Maildirs, pipes and the listener; each mail is let go only when it was acted on."""

import asyncio
import json
import os
import smtplib
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from digest.cli.feedback import feedback_group
from digest.errors import UnavailableError
from digest.feedback.identification import Trust
from digest.feedback.incoming_mail import read_mailbox, take_or_leave
from digest.feedback.listener import Handler, serve
from digest.feedback.mailboxes import empty, read_url
from tests.builders import World
from tests.cli.conftest import Run, run  # noqa: F401  (a fixture)
from tests.feedback.conftest import BOUNCES, Post, bounce
from tests.feedback.mailbox_servers import serving

PERSON = (
    b"From: Ann <ann@example.com>\nTo: bounces@bounces.example.org\nSubject: Hello\n\nIs anybody there?\n"
)
ADDRESSES = {
    "imaps": "imaps://bounces:secret%20word@127.0.0.1:{}/INBOX",
    "pop3s": "pop3s://bounces:secret%20word@127.0.0.1:{}",
}


def soft_bounce(post: Post, world: World, tag: str = "1") -> bytes:
    reader = world.reader()
    path = post.return_path(post.delivery(reader))
    return bounce(path, reader.email, status="4.2.2", said="452 full", tag=tag)


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_mailbox_is_emptied_of_what_was_acted_on(
    post: Post, world: World, tmp_path: Path, kind: str
) -> None:
    with serving(kind, tmp_path) as (box, trusted):
        box.add(soft_bounce(post, world))
        box.add(PERSON)
        box.add(soft_bounce(post, world, "2") + b"x" * 9_000 + b"\n")
        where = read_url(ADDRESSES[kind].format(box.port))
        seen: list[str] = []

        def take(raw: bytes) -> bool:
            seen.append(post.take(raw).kind)
            return seen[-1] != "none"

        left = tmp_path / "left"
        assert empty(where, take, left=left, context=trusted) == 3
        assert seen == ["bounce", "none", "bounce"]
        assert empty(where, take, left=left, context=trusted) == 0
        kept = (
            [file.read_bytes() for file in (left / "new").glob("*")]
            if left.exists()
            else list(box.mails.values())
        )
        assert [b"Is anybody there" in raw for raw in kept] == [True]


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_mail_stays_when_it_could_not_be_acted_on(tmp_path: Path, kind: str) -> None:
    def fail(_raw: bytes) -> bool:
        raise UnavailableError("the database is down")

    with serving(kind, tmp_path) as (box, trusted):
        box.add(PERSON)
        where = read_url(ADDRESSES[kind].format(box.port))
        with pytest.raises(UnavailableError, match="database is down"):
            empty(where, fail, left=tmp_path / "left", context=trusted)
        assert list(box.mails.values()) == [PERSON]
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
    with serving(kind, tmp_path) as (box, trusted):
        box.add(b"From: MAILER-DAEMON@x\n\n1\n")
        box.add(b"From: MAILER-DAEMON@x\n\n2\n")
        box.break_at = command
        where = read_url(ADDRESSES[kind].format(box.port))
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1"):
            empty(where, lambda _raw: True, left=tmp_path / "left", context=trusted)
        assert len(box.mails) == 2
        box.break_at = ""
        assert empty(where, lambda _raw: True, left=tmp_path / "left", context=trusted) >= 1


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_server_that_nobody_vouches_for_gets_no_password(tmp_path: Path, kind: str) -> None:
    with serving(kind, tmp_path) as (box, _trusted):
        where, ours = read_url(ADDRESSES[kind].format(box.port)), ssl.create_default_context()
        with pytest.raises(UnavailableError, match="certificate"):
            empty(where, lambda _raw: True, left=tmp_path, context=ours)


def test_a_wrong_password_is_said_in_words(tmp_path: Path) -> None:
    with serving("imaps", tmp_path) as (box, trusted):
        where = read_url(f"imaps://bounces:wrong@127.0.0.1:{box.port}")
        with pytest.raises(UnavailableError, match="FEEDBACK_MAILBOX"):
            empty(where, lambda _raw: True, left=tmp_path, context=trusted)


def test_a_maildir_is_read_and_nothing_of_it_deleted(post: Post, world: World, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    (folder / "new").mkdir(parents=True)
    (folder / "new" / "1.a").write_bytes(soft_bounce(post, world))
    (folder / "new" / "2.a").write_bytes(PERSON)
    url, clock = f"maildir://{folder}", post.clock
    assert read_mailbox(post.db, url, post.rules, left=tmp_path, clock=clock) == 2
    assert read_mailbox(post.db, url, post.rules, left=tmp_path, clock=clock) == 0
    assert sorted(file.name for file in (folder / "cur").iterdir()) == ["1.a:2,S", "2.a:2,"]
    with pytest.raises(UnavailableError, match="no Maildir"):
        read_mailbox(post.db, f"maildir://{tmp_path}/none", post.rules, left=tmp_path, clock=clock)


@dataclass
class Listening:
    port: int
    fail: list[bool]
    left: Path


@pytest.fixture(params=["lmtp", "smtp"])
def listening(request: pytest.FixtureRequest, post: Post, tmp_path: Path) -> Iterator[tuple[str, Listening]]:
    """The listener, as `dateline feedback listen` runs it."""
    told, ready = Listening(0, [], tmp_path / "left"), threading.Event()
    loop = asyncio.new_event_loop()

    def take(raw: bytes, to: str) -> None:
        if told.fail:
            raise UnavailableError("the database is down")
        take_or_leave(post.db, raw, post.rules, Trust("listener", to), left=told.left, now=post.clock())

    def note(port: int) -> None:
        told.port = port
        ready.set()

    handler = Handler(take, secret=post.parts.settings.secret_key, domain=BOUNCES)
    task = loop.create_task(serve(handler, "127.0.0.1", 0, protocol=request.param, ready=note))

    def go() -> None:
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=go)
    thread.start()
    assert ready.wait(10)
    yield request.param, told
    loop.call_soon_threadsafe(task.cancel)
    thread.join(10)
    loop.close()


def client(listening: tuple[str, Listening]) -> smtplib.SMTP:
    kind: Callable[..., smtplib.SMTP] = smtplib.LMTP if listening[0] == "lmtp" else smtplib.SMTP
    return kind("127.0.0.1", listening[1].port)


def test_the_listener_takes_mail_for_our_return_paths_alone(
    post: Post, world: World, listening: tuple[str, Listening]
) -> None:
    reader = world.reader("anna@far.example")
    path = post.return_path(post.delivery(reader))
    with client(listening) as server:
        for foreign in ("anna@far.example", f"nobody@{BOUNCES}", path.replace("b-", "b-9")):
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                server.sendmail("", [foreign], b"Subject: x\n\nx")
        refused = server.sendmail(
            "", [path, f"postmaster@{BOUNCES}"], bounce("somebody@else.example", "x@far.example")
        )
        assert list(refused) == [f"postmaster@{BOUNCES}"]  # one at a time: it is asked for again
    assert post.reader(reader).state == "suppressed"


def test_the_listener_keeps_what_people_write(post: Post, listening: tuple[str, Listening]) -> None:
    with client(listening) as server:
        server.sendmail("ann@example.com", [f"Postmaster@{BOUNCES.upper()}"], PERSON + b"y" * 20_000)
    assert [b"Is anybody there" in file.read_bytes() for file in (listening[1].left / "new").glob("*")] == [
        True
    ]


def test_the_listener_asks_again_while_the_database_is_down(
    post: Post, world: World, listening: tuple[str, Listening]
) -> None:
    reader = world.reader()
    path = post.return_path(post.delivery(reader))
    raw = bounce(path, reader.email)
    listening[1].fail.append(True)
    with client(listening) as server:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            server.sendmail("", [path], raw)
        assert refused.value.smtp_code == 451
        listening[1].fail.clear()
        server.sendmail("", [path], raw)
    assert post.reader(reader).state == "suppressed"


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_dry_run_says_what_a_mail_means_and_changes_nothing(
    post: Post, world: World, tmp_path: Path, run: Run  # noqa: F811
) -> None:  # fmt: skip
    reader = world.reader("anna@far.example")
    delivery = post.delivery(reader)
    file = tmp_path / "a.eml"
    file.write_bytes(bounce(post.return_path(delivery), reader.email))
    (line,) = lines(run(feedback_group, "read", "--dry-run", str(file)).out)
    assert line == {
        "file": str(file),
        "kind": "bounce",
        "recipients": [
            {"address": "anna@far.example", "class": "hard", "status": "5.1.1", "reason": "nouser"}
        ],
        "delivery": delivery.id,
    }
    assert post.reader(reader).state == "active"


def test_files_folders_and_pipes_are_acted_on(post: Post, world: World, tmp_path: Path, run: Run) -> None:  # noqa: F811
    reader = world.reader("anna@far.example")
    raw = bounce(post.return_path(post.delivery(reader)), reader.email)
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "1.eml").write_bytes(raw)
    (tmp_path / "mails" / "2.eml").write_bytes(PERSON)
    done = run(feedback_group, "read", str(tmp_path / "mails"), str(tmp_path / "none"))
    assert done.status == 2
    assert "none" in done.err
    assert [(line["kind"], line.get("stopped")) for line in lines(done.out)] == [("bounce", 1), ("none", 0)]
    (again,) = lines(run(feedback_group, "read", "-", stdin=raw.decode()).out)
    assert (again["readers"], again["new"]) == (1, 0)
    run(feedback_group, "read", "-", stdin=PERSON.decode())
    assert len(list((post.parts.settings.var / "feedback" / "new").iterdir())) == 1


def test_a_pipe_is_asked_again_while_the_database_is_down(tmp_path: Path) -> None:
    """75 is what mail servers take for "later"."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "SECRET_KEY": "x" * 40,
        "DATELINE_VAR": str(tmp_path),
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    command = [str(Path(sys.executable).with_name("dateline")), "feedback", "read", "-"]
    raw = bounce("bounces@example.org", "anna@far.example")
    done = subprocess.run(command, input=raw, env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 75, done.stderr


def test_lists_are_printed_and_lifted_from_the_command_line(
    post: Post, world: World, tmp_path: Path, run: Run  # noqa: F811
) -> None:  # fmt: skip
    world.reader("anna@far.example")
    file = tmp_path / "list.csv"
    file.write_text("email,reason\nanna@far.example,bounce\nnot one,\n")
    done = run(feedback_group, "suppress", str(file))
    assert (done.status, "suppressed 1, known already 0, rejected 1" in done.out) == (2, True)
    assert "anna@far.example,bounced," in run(feedback_group, "suppressed").out
    assert "is active" in run(feedback_group, "lift", "anna@far.example", "--mistaken").out
    assert run(feedback_group, "lift", "anna@far.example").status == 2
