"""A mail server that takes everything and keeps only counts, in a process of its own on 127.0.0.1."""

import asyncio
import json
import signal
import sys


class Session(asyncio.Protocol):
    """One connection: speaks just enough SMTP, with PIPELINING offered."""

    connections = messages = octets = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.in_message = transport, b"", False
        Session.connections += 1
        self.transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._step():
            pass

    def _step(self) -> bool:
        end = self.buffer.find(b"\r\n.\r\n" if self.in_message else b"\r\n")
        if end < 0:
            return False
        line, self.buffer = self.buffer[:end], self.buffer[end + (5 if self.in_message else 2) :]
        if self.in_message:
            self.in_message = False
            Session.messages += 1
            Session.octets += end
            self.transport.write(b"250 2.0.0 kept\r\n")
        else:
            self._command(line[:4].upper())
        return True

    def _command(self, verb: bytes) -> None:
        if verb == b"EHLO":
            self.transport.write(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        elif verb == b"DATA":
            self.in_message = True
            self.transport.write(b"354 go on\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        else:
            self.transport.write(b"250 ok\r\n")


async def main() -> None:
    """Listen on a free port, print it, and on SIGTERM print the counts."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(Session, "127.0.0.1", 0)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    print(
        json.dumps(
            {"connections": Session.connections, "messages": Session.messages, "octets": Session.octets}
        )
    )
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
