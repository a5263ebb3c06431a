"""Mail servers that answer early, late, in pieces, out of turn or not at all: over real sockets, also with TLS."""

import datetime as dt
import selectors
import socket
import ssl
import threading
import time
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from digest import clock as real
from digest.errors import UnavailableError
from digest.mail.connection import Connection
from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Refused
from digest.mail.pure.servers import TlsMode
from digest.mail.relay import SmtpRelay
from tests.mail.scripted_server import (
    LARGE,
    SMALL,
    carried,
    greet,
    mails,
    sent,
    serving,
    speak_smtp,
    until_data,
)


@pytest.mark.parametrize("then", ["hang up", "stop reading"])
def test_a_server_that_has_had_enough_in_mid_message_is_heard_at_once(then: str) -> None:
    done = threading.Event()

    def talk(connection: socket.socket, _number: int) -> None:
        until_data(connection)
        connection.recv(100_000)
        connection.sendall(b"552 5.3.4 too large\r\n")
        if then == "stop reading":
            done.wait(20)

    started, used = time.monotonic(), time.process_time()
    with serving(talk) as server:
        assert sent(server, LARGE) == {0: [Refused("552 5.3.4 too large (in reply to end of DATA)")]}
        done.set()
    assert time.monotonic() - started < 5
    assert time.process_time() - used < 2


def test_an_acceptance_of_half_a_message_is_none() -> None:
    done = threading.Event()

    def talk(connection: socket.socket, _number: int) -> None:
        until_data(connection)
        connection.recv(100_000)
        connection.sendall(b"250 2.0.0 kept\r\n")
        done.wait(20)  # reading on, it might have all of it by the time that it is heard

    with serving(talk) as server:
        assert sent(server, LARGE) == {0: [Deferred("250 2.0.0 kept")]}
        done.set()


def test_what_was_accepted_before_nonsense_is_accepted() -> None:
    def talk(connection: socket.socket, _number: int) -> None:
        until_data(connection)
        connection.recv(100_000)
        connection.sendall(b"250 2.0.0 kept\r\nwhat else is there to say\r\n")
        connection.recv(1000)

    with serving(talk) as server:
        assert sent(server, SMALL) == {0: [Accepted("250 2.0.0 kept")]}


def test_replies_that_come_octet_by_octet_are_read() -> None:
    taken: list[bytes] = []

    def talk(connection: socket.socket, _number: int) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def slowly(words: bytes) -> None:
            for octet in words:
                connection.sendall(bytes([octet]))
                time.sleep(0.0005)

        speak_smtp(connection, taken, slowly)

    with serving(talk) as server:
        assert all(
            outcomes == [Accepted("250 2.0.0 kept")] for outcomes in sent(server, *[SMALL] * 5).values()
        )
    assert taken == [SMALL] * 5


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that its owner signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(real.now() - dt.timedelta(days=1))
        .not_valid_after(real.now() + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "own.pem", folder / "own.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, private


@pytest.mark.parametrize("tls", ["none", "tls"])
def test_a_server_that_reads_slowly_gets_every_octet_once(tls: str, tmp_path: Path) -> None:
    certificate, private = own_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    taken: list[bytes] = []
    messages = [b"Subject: x\r\n\r\n" + (bytes([97 + n]) * 70 + b"\r\n") * 8000 for n in range(4)]

    def talk(connection: socket.socket, _number: int) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if tls == "tls":
            connection = context.wrap_socket(connection, server_side=True)
        speak_smtp(connection, taken, connection.sendall)

    with serving(talk, max_segment=536) as server:
        outcomes = sent(replace(server, tls=TlsMode(tls), ca=str(certificate)), *messages)
    assert outcomes == {n: [Accepted("250 2.0.0 kept")] for n in range(4)}
    assert taken == messages


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(tmp_path: Path) -> None:
    certificate, private = own_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    taken: list[bytes] = []

    def talk(connection: socket.socket, _number: int) -> None:
        secured = context.wrap_socket(connection, server_side=True)
        speak_smtp(secured, taken, secured.sendall)

    with serving(talk) as server, pytest.raises(UnavailableError, match="certificate verify failed"):
        sent(replace(server, tls=TlsMode.TLS), SMALL)
    assert taken == []


def test_a_goodbye_behind_354_sends_the_mail_over_another_connection() -> None:
    taken: list[bytes] = []
    done = threading.Event()

    def talk(connection: socket.socket, number: int) -> None:
        if number > 1:
            speak_smtp(connection, taken, connection.sendall)
            return
        greet(connection)
        connection.recv(1000)
        connection.sendall(b"250 ok\r\n250 ok\r\n354 go on\r\n421 4.3.2 shutting down\r\n")
        done.wait(20)

    started = time.monotonic()
    with serving(talk) as server:
        assert sent(server, SMALL) == {0: [Accepted("250 2.0.0 kept")]}
        done.set()
    assert time.monotonic() - started < 5


def test_a_goodbye_to_an_idle_connection_makes_no_later_one_shorter() -> None:
    taken: list[bytes] = []
    quiet = threading.Event()
    counts: list[int] = []

    def talk(connection: socket.socket, number: int) -> None:
        counts.append(number)
        if number > 1:
            speak_smtp(connection, taken, connection.sendall)
            return

        def then_goodbye(words: bytes) -> None:
            connection.sendall(words)
            if len(taken) == 2 and words.startswith(b"250 2"):
                quiet.wait(5)
                connection.sendall(b"421 4.4.2 idle for too long\r\n")
                connection.close()

        speak_smtp(connection, taken, then_goodbye)

    with serving(talk) as server:
        relay = SmtpRelay([server])
        carried(relay, mails(SMALL, SMALL))
        quiet.set()
        time.sleep(0.2)
        carried(relay, mails(*[SMALL] * 8))
        relay.close()
    assert len(taken) == 10
    assert counts == [1, 2]


def test_an_address_that_cannot_be_reached_is_not_the_last_one() -> None:
    taken: list[bytes] = []
    deaf = socket.create_server(("127.0.0.1", 0), backlog=0)  # full at once: nothing more is answered
    crowd = [socket.socket() for _ in range(3)]
    for one in crowd:
        one.setblocking(False)
        one.connect_ex(deaf.getsockname())
    stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    nowhere = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("255.255.255.255", 25))  # refused without waiting

    def talk(connection: socket.socket, _number: int) -> None:
        speak_smtp(connection, taken, connection.sendall)

    with serving(talk) as server, selectors.DefaultSelector() as selector:
        addresses = [nowhere, (*stream, deaf.getsockname()), (*stream, ("127.0.0.1", server.port))]
        connection = Connection(server, selector, 10, 0.0, addresses=addresses)
        connection.check_timeout(4.0)
        connection.check_timeout(6.0)
        while connection.session is None:
            assert selector.select(5)
            connection.handle_ready(7.0)
        connection.close()
    for one in (*crowd, deaf):
        one.close()
    assert connection.session.idle


def test_looking_whether_a_server_is_there_comes_to_an_end_when_it_says_nothing() -> None:
    done = threading.Event()

    def talk(_connection: socket.socket, _number: int) -> None:
        done.wait(20)

    with serving(talk) as server:
        relay = SmtpRelay([server], monotonic=lambda: time.monotonic() * 60)
        with pytest.raises(UnavailableError, match="no answer in time"):
            relay.check()
        done.set()


def test_a_server_that_never_answers_the_final_dot_leaves_a_doubt() -> None:
    done = threading.Event()

    def talk(connection: socket.socket, _number: int) -> None:
        until_data(connection)
        done.wait(20)

    with serving(talk) as server:
        relay = SmtpRelay([server], monotonic=lambda: time.monotonic() * 240)
        assert carried(relay, mails(SMALL)) == {0: [InDoubt("connection lost: no answer in time")]}
        done.set()
