"""A mail server on 127.0.0.1 that logs what it accepts, in a process of its own. Options make it misbehave.

It prints its port. Before it answers 250 to a message, it appends a line to `--log`: recipient, Message-ID, octets,
"silent" if it will not answer, the time, and the most connections that were open at once since the line before.
`AcceptedMail` reads such a line. On SIGTERM it prints the counts.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import re
import signal
import time
from collections import Counter
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class AcceptedMail(NamedTuple):
    """A line of the log."""

    recipient: str
    message_id: str
    octets: int
    silent: bool
    at: float  # seconds of the monotonic clock, which all processes of a machine share
    most_open: int

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Parse a line of the log."""
        recipient, message_id, octets, remark, at, most_open = line.split("\t")
        return cls(recipient, message_id, int(octets), remark == "silent", float(at), int(most_open))


class SmtpProtocol(asyncio.Protocol):
    """One connection."""

    options: argparse.Namespace
    counts: ClassVar[Counter[str]] = Counter()
    attempts: ClassVar[Counter[str]] = Counter()
    log = -1
    open_now = most_open = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer, self.in_message, self.accepted_count, self.recipient = b"", False, 0, ""
        self.is_counted_out = False
        SmtpProtocol.counts["connections"] += 1
        SmtpProtocol.open_now += 1
        SmtpProtocol.most_open = max(SmtpProtocol.most_open, SmtpProtocol.open_now)
        self.respond(b"220 sink ESMTP")

    def connection_lost(self, _exc: Exception | None) -> None:
        self._count_out()

    def _count_out(self) -> None:
        """Count the connection as closed: once it has said QUIT, or has ended."""
        if not self.is_counted_out:
            self.is_counted_out = True
            SmtpProtocol.open_now -= 1

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while not self.transport.is_closing() and self._step():
            pass

    def respond(self, line: bytes) -> None:
        """Answer, after the delay of a server that is far away."""
        if self.options.delay:
            asyncio.get_running_loop().call_later(self.options.delay / 1000, self._write, line)
        else:
            self._write(line)

    def _write(self, line: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(line + b"\r\n")

    def _step(self) -> bool:
        if self.in_message and self.buffer.startswith(b".\r\n"):
            self.buffer, self.in_message = self.buffer[3:], False
            self.respond(b"554 5.5.1 no recipients")
            return True
        end = self.buffer.find(b"\r\n.\r\n" if self.in_message else b"\r\n")
        if end < 0:
            return False
        line, self.buffer = self.buffer[:end], self.buffer[end + (5 if self.in_message else 2) :]
        if self.in_message:
            self.in_message = False
            self._message(line)
        else:
            self._command(line)
        return True

    def _command(self, line: bytes) -> None:
        match line[:4].upper():
            case b"EHLO":
                self.respond(b"250-sink\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250 8BITMIME")
            case b"MAIL" if self.options.quota and self.accepted_count >= self.options.quota:
                SmtpProtocol.counts["quota"] += 1
                self.respond(b"421 4.7.0 too many messages on this connection")
                self._close()
            case b"RCPT":
                self._recipient(line.partition(b"<")[2].partition(b">")[0].decode())
            case b"DATA":
                self._data()
            case b"QUIT":
                self._count_out()
                self.respond(b"221 bye")
                self._close()
            case _:
                self.respond(b"250 ok")

    def _recipient(self, recipient: str) -> None:
        SmtpProtocol.attempts[recipient] += 1
        self.recipient = ""
        if reply := self._own_refusal(recipient):
            SmtpProtocol.counts["refused"] += 1
            self.respond(reply.encode())
        elif _is_chosen("refuse" + recipient, self.options.refuse):
            SmtpProtocol.counts["refused"] += 1
            self.respond(b"550 5.1.1 no such user")
        elif _is_chosen(f"defer{recipient}{SmtpProtocol.attempts[recipient]}", self.options.defer):
            SmtpProtocol.counts["deferred"] += 1
            self.respond(b"451 4.3.2 try again later")
        else:
            self.recipient = recipient
            self.respond(b"250 ok")

    def _own_refusal(self, recipient: str) -> str:
        """The reply of `--refuse-percent` to the number in an address; "" for none."""
        replies = self.options.refuse_percent
        number = "".join(filter(str.isdigit, recipient.partition("@")[0])) if replies else ""
        return replies[int(number) % 100] if number and int(number) % 100 < len(replies) else ""

    def _data(self) -> None:
        if not self.recipient:
            self.respond(b"503 5.5.1 no valid recipients")
        elif _is_chosen(f"drop{self.recipient}{SmtpProtocol.attempts[self.recipient]}", self.options.drop):
            SmtpProtocol.counts["dropped"] += 1
            self.transport.close()
        else:
            self.in_message = True
            self.respond(b"354 go on")

    def _message(self, message: bytes) -> None:
        self.accepted_count += 1
        SmtpProtocol.counts["messages"] += 1
        SmtpProtocol.counts["octets"] += len(message)
        silent = _is_chosen(
            f"silent{self.recipient}{SmtpProtocol.attempts[self.recipient]}", self.options.silent
        )
        if self.log >= 0:
            self._write_log(message, silent=silent)
        if silent:
            SmtpProtocol.counts["silent"] += 1
            self.transport.abort()
            return
        self.respond(b"250 2.0.0 kept")

    def _write_log(self, message: bytes, *, silent: bool) -> None:
        match = MESSAGE_ID.search(message[:8192])
        fields = (
            self.recipient, match[1].decode() if match else "-", len(message), "silent" if silent else "",
            f"{time.monotonic():.3f}", SmtpProtocol.most_open,
        )  # fmt: skip
        os.write(self.log, ("\t".join(map(str, fields)) + "\n").encode())
        SmtpProtocol.most_open = SmtpProtocol.open_now

    def _close(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(self.options.delay / 1000 + 0.001, self.transport.close)


def _is_chosen(key: str, percent: float) -> bool:
    """Whether a key is among this share of all keys: always the same answer for the same key."""
    if not percent:
        return False
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 10_000 < percent * 100


async def main() -> None:
    """Listen, print the port, and on SIGTERM print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument(
        "--refuse-percent", type=json.loads, default=(), help="JSON: replies by the number modulo 100"
    )
    for fault in ("defer", "refuse", "silent", "drop", "quota", "delay"):
        parser.add_argument(f"--{fault}", type=float, default=0)
    SmtpProtocol.options = parser.parse_args()
    if SmtpProtocol.options.log:
        SmtpProtocol.log = os.open(SmtpProtocol.options.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(SmtpProtocol, "127.0.0.1", SmtpProtocol.options.port, backlog=500)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    with contextlib.suppress(BrokenPipeError):  # the process that started this one may be gone
        print(json.dumps(dict(SmtpProtocol.counts)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
