"""A mail server on 127.0.0.1 that keeps accounts, in a process of its own, and misbehaves as it is told to.

Prints its port. Each accepted message is a line in `--log` (recipient, Message-ID, octets, "silent" where it says
nothing of it) before the 250 is said; SIGTERM prints the counts.
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


class Session(asyncio.Protocol):
    """One connection."""

    options: argparse.Namespace
    counts: ClassVar[Counter[str]] = Counter()
    tries: ClassVar[Counter[str]] = Counter()
    log = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.in_message, self.taken, self.recipient = (
            transport,
            b"",
            False,
            0,
            "",
        )
        Session.counts["connections"] += 1
        self.say(b"220 sink ESMTP")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while not self.transport.is_closing() and self._step():
            pass

    def say(self, line: bytes) -> None:
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
            self.say(b"554 5.5.1 no recipients")
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
                self.say(b"250-sink\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250 8BITMIME")
            case b"MAIL" if self.options.quota and self.taken >= self.options.quota:
                Session.counts["quota"] += 1
                self.say(b"421 4.7.0 too many messages on this connection")
                self._close()
            case b"RCPT":
                self._recipient(line.partition(b"<")[2].partition(b">")[0].decode())
            case b"DATA":
                self._data()
            case b"QUIT":
                self.say(b"221 bye")
                self._close()
            case _:
                self.say(b"250 ok")

    def _recipient(self, recipient: str) -> None:
        Session.tries[recipient] += 1
        self.recipient = ""
        if _share("refuse" + recipient, self.options.refuse):
            Session.counts["refused"] += 1
            self.say(b"550 5.1.1 no such user")
        elif _share(f"defer{recipient}{Session.tries[recipient]}", self.options.defer):
            Session.counts["deferred"] += 1
            self.say(b"451 4.3.2 try again later")
        else:
            self.recipient = recipient
            self.say(b"250 ok")

    def _data(self) -> None:
        if not self.recipient:
            self.say(b"503 5.5.1 no valid recipients")
        elif _share(f"drop{self.recipient}{Session.tries[self.recipient]}", self.options.drop):
            Session.counts["dropped"] += 1
            self.transport.close()
        else:
            self.in_message = True
            self.say(b"354 go on")

    def _message(self, message: bytes) -> None:
        self.taken += 1
        Session.counts["messages"] += 1
        Session.counts["octets"] += len(message)
        silent = _share(f"silent{self.recipient}{Session.tries[self.recipient]}", self.options.silent)
        if self.log >= 0:
            found = MESSAGE_ID.search(message[:8192])
            name = found[1].decode() if found else "-"
            said = "silent" if silent else ""
            os.write(self.log, f"{self.recipient}\t{name}\t{len(message)}\t{said}\n".encode())
        if silent:
            Session.counts["silent"] += 1
            self.transport.abort()
            return
        self.say(b"250 2.0.0 kept")

    def _close(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(self.options.delay / 1000 + 0.001, self.transport.close)


def _share(key: str, percent: float) -> bool:
    if not percent:
        return False
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 10_000 < percent * 100


async def main() -> None:
    """Listen, say where, and on SIGTERM print the counts."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--log", type=Path)
    for fault in ("defer", "refuse", "silent", "drop", "quota", "delay"):
        asked.add_argument(f"--{fault}", type=float, default=0)
    Session.options = asked.parse_args()
    if Session.options.log:
        Session.log = os.open(Session.options.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(Session, "127.0.0.1", Session.options.port, backlog=500)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    with contextlib.suppress(BrokenPipeError):  # whoever started us may not want to know
        print(json.dumps(dict(Session.counts)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
