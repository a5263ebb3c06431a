"""A small real mail server on 127.0.0.1 that keeps what it takes, and misbehaves when told to."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

# accept; 451 or 550 to the recipient; hang up before the final dot, or after it without a reply; 421 and hang up
Behaviour = Literal["accept", "defer", "refuse", "drop", "silent", "bye"]


@dataclass(frozen=True)
class Taken:
    """A message as it came."""

    sender: str
    recipient: str
    raw: bytes


@dataclass
class MailSink:
    """What was taken, how many connections there were, and how to treat a recipient."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    delay: float = 0.0  # seconds that a message takes
    treat: Callable[[str], Behaviour] = lambda _recipient: "accept"

    @property
    def url(self) -> str:
        """For SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}/?tls=none"


class Session(socketserver.StreamRequestHandler):
    """One connection."""

    sink: MailSink

    def handle(self) -> None:
        """Speak SMTP until somebody hangs up."""
        self.sink.connections += 1
        self.sender = self.recipient = ""
        self.say("220 sink ESMTP")
        with suppress(ConnectionError):  # whoever sends may be killed
            while line := self.rfile.readline():
                verb, argument = line[:4].upper().strip(), line.decode().partition("<")[2].partition(">")[0]
                if not self.answer(verb, argument):
                    return

    def answer(self, verb: bytes, argument: str) -> bool:
        """Answer a command; false ends the connection."""
        if verb == b"MAIL":
            self.sender = argument
        elif verb == b"RCPT":
            return self.receive(argument)
        elif verb == b"DATA":
            return self.message()
        elif verb == b"EHLO":
            self.say("250-sink")
            self.say("250-PIPELINING")
            self.say("250 SIZE 52428800")
            return True
        elif verb == b"QUIT":
            self.say("221 bye")
            return False
        self.say("250 ok")
        return True

    def receive(self, recipient: str) -> bool:
        """Take, defer or refuse a recipient."""
        self.recipient = ""
        match self.sink.treat(recipient):
            case "defer":
                self.say("451 4.3.2 try again later")
            case "refuse":
                self.say("550 5.1.1 no such user")
            case "bye":
                self.say("421 4.7.0 too many messages")
                return False
            case _:
                self.recipient = recipient
                self.say("250 ok")
        return True

    def message(self) -> bool:
        """Take a message, undoing the doubled dots."""
        if not self.recipient:
            self.say("503 5.5.1 no valid recipients")
            return True
        treatment = self.sink.treat(self.recipient)
        if treatment == "drop":
            return False
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if not line:
            return False  # cut off: nobody took it
        time.sleep(self.sink.delay)
        self.sink.taken.append(Taken(self.sender, self.recipient, b"".join(lines)))
        if treatment == "silent":
            return False
        self.say("250 2.0.0 kept")
        return True

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A mail server for the length of a block."""
    sink = MailSink()
    handler = type("SinkSession", (Session,), {"sink": sink})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        sink.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield sink
        server.shutdown()
