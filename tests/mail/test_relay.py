"""One contract for every relay: the fake one, the local outbox, and SMTP to a real (small) mail server."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.errors import NotFoundError, SettingsError, UnavailableError
from digest.mail import outbox
from digest.mail.outbox import OutboxRelay
from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Refused
from digest.mail.pure.servers import DEFAULT_CONNECTIONS, Server, TlsMode, parse_smtp_url
from digest.mail.relay import Relay, SmtpRelay
from tests.fake_relay import FakeRelay, send_one
from tests.smtp_sink import MailSink

MESSAGE = b"Subject: x\r\nTo: a@example.com\r\n\r\nfirst\r\n.\r\n..two\r\n.three\r\n\r\nlast\r\n"


@dataclass
class Way:
    """A relay, and how to read what it took: (message, recipient) of each."""

    relay: Relay
    taken: Callable[[], list[tuple[bytes, str]]]


@pytest.fixture(params=["fake", "outbox", "smtp"])
def way(request: pytest.FixtureRequest, tmp_path: Path, mail_server: MailSink) -> Iterator[Way]:
    match request.param:
        case "fake":
            fake = FakeRelay()
            made = Way(fake, lambda: [(s.message, s.recipient) for s in fake.relayed])
        case "outbox":
            made = Way(OutboxRelay(tmp_path / "box"), lambda: _kept(tmp_path / "box"))
        case _:
            relay = SmtpRelay(parse_smtp_url(mail_server.url))
            made = Way(relay, lambda: [(s.raw, s.recipient) for s in mail_server.received])
    yield made
    made.relay.close()


def _kept(path: Path) -> list[tuple[bytes, str]]:
    out = []
    for mail in reversed(outbox.listing(path)):
        envelope, message = mail.raw.split(b"\n", 2)[:2], mail.raw.split(b"\n", 2)[2]
        out.append((message.replace(b"\n", b"\r\n"), envelope[1].decode().removeprefix("Delivered-To: ")))
    return out


def test_a_message_arrives_octet_by_octet(way: Way) -> None:
    assert isinstance(send_one(way.relay, "a@example.com", MESSAGE), Accepted)
    assert way.taken() == [(MESSAGE, "a@example.com")]


def test_many_messages_arrive_each_at_its_recipient(way: Way) -> None:
    for n in range(12):
        send_one(way.relay, f"reader{n}@example.com", MESSAGE)
    assert sorted(recipient for _, recipient in way.taken()) == sorted(
        f"reader{n}@example.com" for n in range(12)
    )


def test_a_relay_can_be_closed_twice_and_used_again(way: Way) -> None:
    way.relay.close()
    way.relay.close()
    assert isinstance(send_one(way.relay, "a@example.com", MESSAGE), Accepted)


def smtp(server: Server, recipient: str, message: bytes = MESSAGE) -> object:
    relay = SmtpRelay([server])
    try:
        return send_one(relay, recipient, message)
    finally:
        relay.close()


@contextmanager
def scripted(*replies: str) -> Iterator[Server]:
    """A server that says these lines, one for each that it hears, and then hangs up with whatever is unread."""

    def talk() -> None:
        connection, _ = listener.accept()
        listener.close()  # a second attempt is refused at once
        with connection:
            connection.sendall(b"220 sink\r\n")
            for reply in replies:
                connection.recv(1000)
                connection.sendall(reply.encode() + b"\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=talk, daemon=True).start()
        yield Server("127.0.0.1", listener.getsockname()[1], TlsMode.NONE, "", "", 1)


def test_the_servers_own_words_are_kept(mail_server: MailSink) -> None:
    (server,) = parse_smtp_url(mail_server.url)
    assert smtp(server, "a@example.com") == Accepted("250 2.0.0 kept")
    assert smtp(server, "defer@example.com") == Deferred("451 4.3.2 try again later")
    assert smtp(server, "refuse@example.com") == Refused("550 5.1.1 no such user (in reply to RCPT TO)")
    assert smtp(server, "bye@example.com") == Deferred("421 4.7.0 too many messages")


def test_a_connection_that_breaks_after_the_final_dot_leaves_a_doubt(mail_server: MailSink) -> None:
    assert isinstance(smtp(parse_smtp_url(mail_server.url)[0], "silent@example.com"), InDoubt)


def test_a_connection_that_breaks_before_the_message_leaves_none(mail_server: MailSink) -> None:
    assert isinstance(smtp(parse_smtp_url(mail_server.url)[0], "drop@example.com"), Deferred)
    assert mail_server.received == []


def test_a_connection_that_breaks_within_the_message_leaves_none() -> None:
    large = MESSAGE + (b"y" * 70 + b"\r\n") * 200_000
    with scripted("250 hello", "250 ok", "250 ok", "354 go on") as server:
        assert isinstance(smtp(server, "a@example.com", large), Deferred)


def test_an_answer_that_is_no_smtp_is_no_acceptance() -> None:
    with scripted("250 hello", "250 ok", "I am no mail server") as server:
        assert isinstance(smtp(server, "a@example.com"), Deferred)


def test_one_connection_serves_for_many_messages_whatever_the_answers(mail_server: MailSink) -> None:
    relay = SmtpRelay(parse_smtp_url(mail_server.url))
    for name in ("a", "defer", "b", "refuse", "c"):
        send_one(relay, f"{name}@example.com", MESSAGE)
    relay.close()
    assert mail_server.connections == 1
    assert [taken.recipient for taken in mail_server.received] == [f"{n}@example.com" for n in "abc"]


@pytest.mark.parametrize(("name", "tries"), [("bye", 3), ("silent", 1)])
def test_after_the_server_hung_up_the_next_message_goes_over_a_new_connection(
    mail_server: MailSink, name: str, tries: int
) -> None:
    relay = SmtpRelay(parse_smtp_url(mail_server.url))
    send_one(relay, f"{name}@example.com", MESSAGE)
    assert isinstance(send_one(relay, "a@example.com", MESSAGE), Accepted)
    relay.close()
    assert mail_server.connections == tries + 1


def test_nobody_listening_is_a_surprise_that_names_the_server() -> None:
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:1:"):
        send_one(SmtpRelay([Server("127.0.0.1", 1, TlsMode.NONE, "", "", 1)]), "a@example.com", MESSAGE)


def test_a_server_that_offers_no_tls_gets_no_mail_when_tls_is_asked_for(mail_server: MailSink) -> None:
    (plain,) = parse_smtp_url(mail_server.url)
    with pytest.raises(UnavailableError):
        send_one(
            SmtpRelay([Server(plain.host, plain.port, TlsMode.STARTTLS, "u", "p", 1)]), "a@x.org", MESSAGE
        )
    assert mail_server.received == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://localhost", Server("localhost", 25, TlsMode.NONE, "", "", DEFAULT_CONNECTIONS)),
        ("smtp://u:p%40ss@mail:2525?connections=4", Server("mail", 2525, TlsMode.STARTTLS, "u", "p@ss", 4)),
        ("smtp://mail/?tls=starttls", Server("mail", 587, TlsMode.STARTTLS, "", "", DEFAULT_CONNECTIONS)),
        ("smtps://u:p@mail", Server("mail", 465, TlsMode.TLS, "u", "p", DEFAULT_CONNECTIONS)),
    ],
)
def test_the_address_of_a_mail_server_is_read(url: str, expected: Server) -> None:
    assert parse_smtp_url(url) == (expected,)


@pytest.mark.parametrize(
    "url", ["smtp://", "smtp://mail?tls=maybe", "smtp://mail?connections=0", "smtp://mail?tsl=none"]
)
def test_a_wrong_address_says_what_would_be_right(url: str) -> None:
    with pytest.raises(SettingsError, match="SMTP_URL"):
        parse_smtp_url(url)


@pytest.mark.parametrize("key", ["../secret_key", "..", ".", "", "a/b", "x\0y", "nothing-here"])
def test_only_mails_are_read_from_the_outbox(tmp_path: Path, key: str) -> None:
    send_one(OutboxRelay(tmp_path / "box"), "a@example.com", MESSAGE)
    (tmp_path / "secret_key").write_text("hush")
    with pytest.raises(NotFoundError):
        outbox.find_message(tmp_path / "box", key)
