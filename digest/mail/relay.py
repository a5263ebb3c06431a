"""Where mails go: one or more mail servers, over connections that stay open, all in one thread.

`carry` takes mails from an iterator as connections come free. What was answered is kept before any of those connections
sends another final dot: whatever happens to us, at most one mail a connection is unknown.
"""

import contextlib
import selectors
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from digest.errors import UnavailableError
from digest.mail.connection import BrokenError, Connection
from digest.mail.outgoing_queue import MOMENT, Still, Supply, always
from digest.mail.pure.outcomes import Accepted, Deferred, Outcome
from digest.mail.pure.pacing import Rates
from digest.mail.pure.servers import Server
from digest.mail.pure.session import Mail
from digest.mail.server_links import Lane, has_turn, lane_to, unreachable

Kept = tuple[Mail, Outcome]
Keep = Callable[[Sequence[Kept]], None]

TRIES = 3  # connections that may end under one mail before it waits like a deferred one
IDLE = 30.0  # seconds after which an unused connection isn't trusted any more
LOOK = 1.0  # seconds between two looks at deadlines


class Relay(Protocol):
    """Where mails go: mail servers, or the local outbox."""

    def carry(self, mails: Iterable[Mail | None], keep: Keep, *, still: Still = always) -> None:
        """Hand over mails until there are no more (None: nothing just now, ask again in a moment).

        `keep` is called with what was answered, again and again, and has kept it when it returns. `still` is asked
        each second of mails that have to wait, and one that may not go any more is forgotten. Raises UnavailableError
        when nobody can be reached, and what `mails` or `keep` raise: what was not kept until then was not sent, unless
        it was `keep` that failed.
        """

    def close(self) -> None:
        """End what is open."""


class SmtpRelay:
    """Mail servers with weights; while one is in trouble the others get its share."""

    def __init__(
        self,
        servers: Sequence[Server],
        *,
        rates: Rates | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lanes = [lane_to(server) for server in servers]
        self._rates, self._ticks = rates or Rates({}), ticks
        self._selector = selectors.DefaultSelector()
        self._supply = Supply(iter(()), self._rates)
        self._unkept = False  # what was answered could not be kept
        self._look_at = self._used_at = 0.0
        self._tries: dict[object, int] = {}
        self._done: list[Kept] = []

    def carry(self, mails: Iterable[Mail | None], keep: Keep, *, still: Still = always) -> None:
        """As Relay says."""
        self._supply, self._unkept = Supply(iter(mails), self._rates, still), False
        if self._ticks() - self._used_at > IDLE:
            self.close()
        for lane in self._lanes:
            lane.carried = 0
        self._listen(0.0)  # servers may have said goodbye since
        try:
            while self._turn(keep):
                pass
        except BaseException as error:
            if isinstance(error, Exception) and not self._unkept:
                self._hear_out(keep)
            self._drop_all()
            raise
        finally:
            self._supply.end()
            self._tries.clear()
            self._done.clear()
            self._used_at = self._ticks()

    def check(self) -> None:
        """Connect to every server and sign in; raises UnavailableError with the first one's reason."""
        for lane in self._lanes:
            self._open_one(lane, self._ticks())
            while not any(c.session for c in lane.connections):
                if not lane.connections:
                    raise UnavailableError(unreachable([lane]))
                self._listen(LOOK)
                self._expire(self._ticks())

    def close(self) -> None:
        """Say goodbye, if there is somebody to say it to."""
        for lane in self._lanes:
            for connection in lane.connections:
                connection.close(politely=True)
            lane.connections.clear()

    def _turn(self, keep: Keep) -> bool:
        now = self._ticks()
        self._hand_out(now)
        opening = self._open_more(now)
        if self._done:
            return self._keep(keep)
        if self._supply.empty and not self._under_way():
            return False
        if self._supply.waiting and not self._hope(now):
            self._despair()
            return self._keep(keep)
        self._listen(0.0 if opening else MOMENT if self._supply.paused(now) else LOOK)
        if self._ticks() >= self._look_at:
            self._look_at = self._ticks() + LOOK
            self._expire(self._ticks())
            self._supply.forget()
        return self._keep(keep)

    def _keep(self, keep: Keep) -> bool:
        if self._done:
            done, self._done, self._unkept = self._done, [], True
            keep(done)
            self._unkept = False
        return True

    def _hear_out(self, keep: Keep) -> None:
        """Nothing more comes, as the source failed: wait for the answers to what is on its way."""
        self._supply.end()
        with contextlib.suppress(UnavailableError):
            while self._turn(keep):
                pass

    def _under_way(self) -> bool:
        return any(
            c.session is not None and not c.session.idle for lane in self._lanes for c in lane.connections
        )

    def _hope(self, now: float) -> bool:
        """Whether anything may still come of waiting: something is under way, or a server can be asked."""
        opening = any(c.session is None for lane in self._lanes for c in lane.connections)
        return opening or self._under_way() or any(lane.health.usable(now) for lane in self._lanes)

    def _despair(self) -> None:
        """No server can be used. A mail that connections broke under has had its try: it may be why they broke."""
        tried = self._supply.take_out(self._tries)
        if not tried:
            raise UnavailableError(unreachable(self._lanes))
        self._done += [(mail, Deferred(unreachable(self._lanes))) for mail in tried]

    def _hand_out(self, now: float) -> None:
        """Send the bodies that may go, and the next envelopes behind them."""
        for lane in self._lanes:
            for connection in tuple(lane.connections):
                session = connection.session
                if session is None:
                    continue
                if session.cleared:
                    session.send_body()
                if session.wants and (mail := self._next(lane, now)) is not None:
                    session.begin(mail)
                    lane.carried += 1
                if session.out:
                    self._try(lane, connection, lambda c=connection: c.flush(now))  # type: ignore[misc]
                self._gather(lane, connection, now)
                if session.spent and connection in lane.connections:
                    lane.connections.remove(connection)
                    connection.close(politely=True)

    def _next(self, lane: Lane, now: float) -> Mail | None:
        """A mail for this server, if it may have one now."""
        if not lane.health.usable(now) or not has_turn(lane, self._lanes, now):
            return None
        mail = self._supply.next(now)
        if mail is not None and lane.bucket is not None and not lane.bucket.take(now):
            self._supply.put_back(mail)
            return None
        return mail

    def _open_more(self, now: float) -> bool:
        """Open a connection to each server that has room while a mail waits for one."""
        if not self._supply.has_next(now):
            return False
        standing = [c.session is not None for lane in self._lanes for c in lane.connections]
        if standing.count(False) > standing.count(True):  # 1, 2, 4 …: as many again as are busy
            return False
        opened = False
        for lane in self._lanes:
            idle = any(c.session is not None and c.session.idle for c in lane.connections)
            room = len(lane.connections) < lane.health.connections and not idle
            if room and lane.health.usable(now) and has_turn(lane, self._lanes, now):
                opened = self._open_one(lane, now) or opened
        return opened

    def _open_one(self, lane: Lane, now: float) -> bool:
        try:
            lane.connections.append(Connection(lane.server, self._selector, lane.health.per_connection, now))
        except BrokenError as error:
            lane.health.failed(str(error), now)
            return False
        return True

    def _listen(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            connection: Connection = key.data
            lane = next(lane for lane in self._lanes if lane.server is connection.server)
            now = self._ticks()
            opening = connection.session is None
            self._try(lane, connection, lambda c=connection, now=now: c.ready(now))  # type: ignore[misc]
            if opening and connection.session is not None:
                lane.health.opened()
            self._gather(lane, connection, now)

    def _try(self, lane: Lane, connection: Connection, what: Callable[[], None]) -> None:
        try:
            what()
        except BrokenError as error:
            self._lost(lane, connection, error)

    def _lost(self, lane: Lane, connection: Connection, error: BrokenError) -> None:
        now = self._ticks()
        connection.close()
        if connection in lane.connections:
            lane.connections.remove(connection)
        session = connection.session
        if session is None:
            if lane.connections:
                lane.health.crowded(0, len(lane.connections) + 1)
            else:
                lane.health.failed(str(error), now)
            return
        if session.begun and not session.answers and not session.turned_off:
            lane.health.broke(str(error), now)
        session.broke(f"connection lost: {error}", dot_gone=connection.dot_gone)
        self._gather(lane, connection, now)

    def _gather(self, lane: Lane, connection: Connection, now: float) -> None:
        """What a session has found out."""
        session = connection.session
        if session is None or not (session.done or session.again or session.turned_off):
            return
        for mail, outcome in session.done:
            lane.health.answered(
                accepted=isinstance(outcome, Accepted), deferred=isinstance(outcome, Deferred), now=now
            )
            self._done.append((mail, outcome))
        session.done.clear()
        for mail in session.again:
            tries = self._tries[mail.key] = self._tries.get(mail.key, 0) + 1
            if tries < TRIES:
                self._supply.again(mail)
            else:
                self._done.append((mail, Deferred(session.goodbye or "connections ended before the message")))
        session.again.clear()
        if session.turned_off and session.goodbye:
            lane.health.crowded(session.answers, len(lane.connections))
            session.turned_off = False

    def _expire(self, now: float) -> None:
        """Give up connections that have said nothing for too long."""
        for lane in self._lanes:
            for connection in tuple(lane.connections):
                if connection.session is None or not connection.session.idle:
                    self._try(lane, connection, lambda c=connection: _prompt(c, now))  # type: ignore[misc]

    def _drop_all(self) -> None:
        for lane in self._lanes:
            for connection in lane.connections:
                connection.close()
            lane.connections.clear()


def _prompt(connection: Connection, now: float) -> None:
    if connection.overdue(now):
        raise BrokenError("no answer in time")
