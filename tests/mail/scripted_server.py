"""A server on 127.0.0.1 that follows a script, and mails to send to it."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from digest.mail.pure.outcomes import Outcome
from digest.mail.pure.servers import Server, TlsMode
from digest.mail.pure.session import Mail
from digest.mail.relay import SmtpRelay
from tests.mail.dot_stuffing import dot_stuff

SMALL = b"Subject: x\r\n\r\nhello\r\n"
LARGE = b"Subject: x\r\n\r\n" + (b"y" * 70 + b"\r\n") * 100_000  # 7 MB: more than the sockets hold
Talk = Callable[[socket.socket, int], None]  # with the number of the connection


@contextmanager
def serving(talk: Talk, *, connections: int = 1, max_segment: int = 0) -> Iterator[Server]:
    """A server that speaks so on each connection, one thread each. It takes segments of `max_segment` octets at most.

    A segment has 64 KB on this network. A sender that has more than the receiver's window then stands still until a
    timer lets it send what fits.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    if max_segment:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, max_segment)
    opened: list[socket.socket] = []

    def speak(connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), connection:
            talk(connection, number)

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                opened.append(listener.accept()[0])
                threading.Thread(target=speak, args=(opened[-1], len(opened)), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield Server("127.0.0.1", listener.getsockname()[1], TlsMode.NONE, "", "", connections)
    finally:
        listener.close()
        for connection in opened:
            with contextlib.suppress(OSError):
                connection.close()


def mails(*messages: bytes) -> list[Mail]:
    return [
        Mail(n, "b@example.org", f"r{n}@example.com", dot_stuff(message))
        for n, message in enumerate(messages)
    ]


def carried(relay: SmtpRelay, some: Sequence[Mail | None]) -> dict[object, list[Outcome]]:
    out: dict[object, list[Outcome]] = {}

    def keep(done: Sequence[tuple[Mail, Outcome]]) -> None:
        for mail, outcome in done:
            out.setdefault(mail.key, []).append(outcome)

    relay.send_all(some, keep)
    return out


def sent(server: Server, *messages: bytes) -> dict[object, list[Outcome]]:
    relay = SmtpRelay([server])
    try:
        return carried(relay, mails(*messages))
    finally:
        relay.close()


def greet(connection: socket.socket) -> None:
    connection.sendall(b"220 sink\r\n")
    connection.recv(1000)
    connection.sendall(b"250-sink\r\n250 PIPELINING\r\n")


def until_data(connection: socket.socket) -> None:
    """From the banner to 354."""
    greet(connection)
    connection.recv(1000)
    connection.sendall(b"250 ok\r\n250 ok\r\n354 go on\r\n")


def speak_smtp(connection: socket.socket, taken: list[bytes], say: Callable[[bytes], None]) -> None:
    """A server that does all as it should, and says it so."""
    buffer, within = b"", False
    say(b"220 sink\r\n")
    while octets := connection.recv(4096):
        buffer += octets
        end = b"\r\n.\r\n" if within else b"\r\n"
        while end in buffer:
            words, _, buffer = buffer.partition(end)
            if within:
                taken.append(words + b"\r\n")
                say(b"250 2.0.0 kept\r\n")
            elif words.startswith(b"EHLO"):
                say(b"250-sink\r\n250 PIPELINING\r\n")
            else:
                say(b"354 go\r\n" if words == b"DATA" else b"250 ok\r\n")
            within = words == b"DATA" and not within
            end = b"\r\n.\r\n" if within else b"\r\n"
