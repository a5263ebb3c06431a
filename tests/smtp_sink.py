"""A small real mail server on 127.0.0.1 that keeps the messages it accepts, and can be made to misbehave."""

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
class ReceivedMail:
    """A message that was received."""

    sender: str
    recipient: str
    raw: bytes


@dataclass
class MailSink:
    """What was received, how many connections there were, and how to behave towards a recipient."""

    port: int = 0
    received: list[ReceivedMail] = field(default_factory=list)
    connections: int = 0
    delay: float = 0.0  # seconds before a message is accepted
    behaviour_for: Callable[[str], Behaviour] = lambda _recipient: "accept"
    refusal_for: Callable[[str], str] = lambda _recipient: ""  # the reply that refuses a recipient; "": none

    @property
    def url(self) -> str:
        """For SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}/?tls=none"


class SmtpHandler(socketserver.StreamRequestHandler):
    """One connection."""

    sink: MailSink

    def handle(self) -> None:
        """Speak SMTP until either side closes the connection."""
        self.sink.connections += 1
        self.sender = self.recipient = ""
        self.respond("220 sink ESMTP")
        with suppress(ConnectionError):  # the sender may be killed
            while line := self.rfile.readline():
                verb, argument = line[:4].upper().strip(), line.decode().partition("<")[2].partition(">")[0]
                if not self.handle_command(verb, argument):
                    return

    def handle_command(self, verb: bytes, argument: str) -> bool:
        """Answer a command; returns false to end the connection."""
        if verb == b"MAIL":
            self.sender = argument
        elif verb == b"RCPT":
            return self.handle_recipient(argument)
        elif verb == b"DATA":
            return self.handle_data()
        elif verb == b"EHLO":
            self.respond("250-sink")
            self.respond("250-PIPELINING")
            self.respond("250 SIZE 52428800")
            return True
        elif verb == b"QUIT":
            self.respond("221 bye")
            return False
        self.respond("250 ok")
        return True

    def handle_recipient(self, recipient: str) -> bool:
        """Accept, defer or refuse a recipient."""
        self.recipient = ""
        if refusal := self.sink.refusal_for(recipient):
            self.respond(refusal)
            return True
        match self.sink.behaviour_for(recipient):
            case "defer":
                self.respond("451 4.3.2 try again later")
            case "refuse":
                self.respond("550 5.1.1 no such user")
            case "bye":
                self.respond("421 4.7.0 too many messages")
                return False
            case _:
                self.recipient = recipient
                self.respond("250 ok")
        return True

    def handle_data(self) -> bool:
        """Receive a message, and undo the dot stuffing."""
        if not self.recipient:
            self.respond("503 5.5.1 no valid recipients")
            return True
        behaviour = self.sink.behaviour_for(self.recipient)
        if behaviour == "drop":
            return False
        self.respond("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if not line:
            return False  # the connection broke: the message is not accepted
        time.sleep(self.sink.delay)
        self.sink.received.append(ReceivedMail(self.sender, self.recipient, b"".join(lines)))
        if behaviour == "silent":
            return False
        self.respond("250 2.0.0 kept")
        return True

    def respond(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A mail server for the length of a block."""
    sink = MailSink()
    handler = type("SinkSession", (SmtpHandler,), {"sink": sink})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        sink.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield sink
        server.shutdown()
