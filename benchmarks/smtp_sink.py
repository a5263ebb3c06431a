"""A mail server on 127.0.0.1 that logs what it accepts, in a process of its own. Options make it misbehave.

It prints its port. Before it answers 250 to a message, it appends a line to `--log`: recipient, Message-ID, octets, and
"silent" if it will not answer. On SIGTERM it prints the counts.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import re
import signal
from collections import Counter
from pathlib import Path
from typing import ClassVar

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class SmtpProtocol(asyncio.Protocol):
    """One connection."""

    options: argparse.Namespace
    counts: ClassVar[Counter[str]] = Counter()
    attempts: ClassVar[Counter[str]] = Counter()
    log = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer, self.in_message, self.accepted_count, self.recipient = b"", False, 0, ""
        SmtpProtocol.counts["connections"] += 1
        self.respond(b"220 sink ESMTP")

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
                self.respond(b"221 bye")
                self._close()
            case _:
                self.respond(b"250 ok")

    def _recipient(self, recipient: str) -> None:
        SmtpProtocol.attempts[recipient] += 1
        self.recipient = ""
        if _is_chosen("refuse" + recipient, self.options.refuse):
            SmtpProtocol.counts["refused"] += 1
            self.respond(b"550 5.1.1 no such user")
        elif _is_chosen(f"defer{recipient}{SmtpProtocol.attempts[recipient]}", self.options.defer):
            SmtpProtocol.counts["deferred"] += 1
            self.respond(b"451 4.3.2 try again later")
        else:
            self.recipient = recipient
            self.respond(b"250 ok")

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
            match = MESSAGE_ID.search(message[:8192])
            message_id = match[1].decode() if match else "-"
            remark = "silent" if silent else ""
            os.write(self.log, f"{self.recipient}\t{message_id}\t{len(message)}\t{remark}\n".encode())
        if silent:
            SmtpProtocol.counts["silent"] += 1
            self.transport.abort()
            return
        self.respond(b"250 2.0.0 kept")

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
