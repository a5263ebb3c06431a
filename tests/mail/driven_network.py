"""A network within one thread: connections are pairs of sockets, servers act in `select`, and no time really passes."""

import selectors
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from digest.mail import connection
from digest.mail.outcome_saver import OutcomeSaver
from digest.mail.pure.servers import Server
from digest.mail.relay import SmtpRelay
from tests.mail.relay_ledger import RelayLedger, Wire
from tests.mail.unruly_server import Script, UnrulyConnection

MAX_ROUNDS = 20_000  # of `select`; no run needs a tenth of them
TICK = 0.0005  # seconds that pass while a round of events is handled
LONGEST_SKIP = 5.0  # seconds that pass at once while nothing happens
SEND_BUFFER = 4096  # octets that a socket takes at least, so that long messages are written in pieces


class ClientSocket(socket.socket):
    """The relay's end of a connection. It notes what is written, and can fail to connect."""

    wire: Wire
    opens = "at once"

    def setsockopt(self, *_args: Any) -> None:
        """Do nothing: these are no TCP sockets."""

    def getsockopt(self, *_args: Any) -> Any:
        """The error of connecting: ECONNREFUSED, or none."""
        return 111 if self.opens == "refused" else 0

    def send(self, data: Any, flags: int = 0) -> int:
        """Send, and note what was taken."""
        sent = super().send(data, flags)
        self.wire.record(bytes(data[:sent]))
        return sent

    def sendmsg(self, buffers: Any, *_args: Any) -> int:
        """Send, and note what was taken."""
        sent = super().sendmsg(buffers)
        self.wire.record(b"".join(buffers)[:sent])
        return sent


@dataclass
class Network:
    """Servers by the port under which they are reached, with a script for each connection, and a clock."""

    scripts: dict[int, Sequence[Script]]  # by port; the last one is for all further connections
    ledger: RelayLedger
    now: float = 1000.0
    rounds: int = 0
    _idle_rounds: int = 0
    _opened: dict[int, int] = field(default_factory=dict)  # connections by port
    _connections: list[UnrulyConnection] = field(default_factory=list)
    _calls: list[tuple[int, Callable[[], None]]] = field(default_factory=list)  # with the round of each

    def connect(self, port: int) -> ClientSocket:
        """Open the next connection to a server."""
        number = self._opened[port] = self._opened.get(port, 0) + 1
        scripts = self.scripts[port]
        script = scripts[min(number, len(scripts)) - 1] if scripts else Script()
        if script.opens == "no route":
            raise OSError(113, "no route to host")
        near, far = socket.socketpair()
        for end in (near, far):
            end.setblocking(False)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        client = ClientSocket(fileno=near.detach())
        client.setblocking(False)
        client.opens, client.wire = script.opens, Wire(self.ledger)
        server = UnrulyConnection(far, script, self.ledger, self.now)
        if script.opens == "at once":
            self._connections.append(server)
        else:
            server.close()
        return client

    def turn(self) -> None:
        """Let every server act."""
        self.rounds += 1
        assert self.rounds < MAX_ROUNDS, "the relay comes to no end"
        due = [call for call_round, call in self._calls if call_round <= self.rounds]
        self._calls = [planned for planned in self._calls if planned[0] > self.rounds]
        for call in due:
            call()
        for server in self._connections:
            server.turn(self.now)
        self._connections = [server for server in self._connections if not server.closed]

    def call_later(self, rounds: int, call: Callable[[], None]) -> None:
        """Call something after so many rounds."""
        self._calls.append((self.rounds + rounds, call))

    def pass_time(self, timeout: float) -> None:
        """Let time pass until a server says something; in a long silence faster than was asked for."""
        self._idle_rounds += 1
        skip = min(max(timeout, TICK) * 1.2 ** min(self._idle_rounds, 60), max(timeout, LONGEST_SKIP))
        due = min((s.next_due_at for s in self._connections if s.next_due_at is not None), default=None)
        self.now += skip if due is None else max(TICK, min(skip, due - self.now))

    def events(self) -> None:
        """Note that something happened."""
        self._idle_rounds = 0
        self.now += TICK

    def close(self) -> None:
        """Close the servers' ends."""
        for server in self._connections:
            server.close()


class DrivenSelector(selectors.DefaultSelector):
    """Lets the network act before it looks which sockets are ready."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """The sockets that are ready; if there are none, time passes."""
        self._network.turn()
        ready = [
            event
            for event in super().select(0)
            if not isinstance(event[0].fileobj, ClientSocket) or event[0].fileobj.opens != "never"
        ]
        if ready:
            self._network.events()
        else:
            self._network.pass_time(timeout or 0.0)
        return ready


class DrivenRelay(SmtpRelay):
    """A relay on such a network."""

    def __init__(self, servers: Sequence[Server], network: Network, **options: Any) -> None:
        super().__init__(servers, monotonic=lambda: network.now, **options)
        self._selector.close()
        self._selector = DrivenSelector(network)
        self._saver = OutcomeSaver(self._selector)

    @property
    def watched(self) -> int:
        """How many sockets the selector watches."""
        return len(self._selector.get_map())


@contextmanager
def driven(network: Network) -> Iterator[None]:
    """Connect to this network instead of the real one."""

    def start_connecting(sock: socket.socket, address: Any) -> socket.socket:
        sock.close()
        return network.connect(address[1])

    starts: Callable[..., socket.socket] = start_connecting
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "_start_connecting", starts)
        yield
    network.close()
