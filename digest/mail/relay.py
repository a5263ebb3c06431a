"""Where mails go: one or more mail servers, over connections that stay open, all in one thread.

`carry` takes mails from an iterator as connections come free. What was answered is kept before any of those connections
sends another final dot: whatever happens to us, at most one mail a connection is unknown.
"""

import selectors
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from digest.errors import UnavailableError
from digest.mail.connection import BrokenError, Connection
from digest.mail.lanes import Lane, has_turn, lane_to, unreachable
from digest.mail.outcomes import Accepted, Deferred, Outcome
from digest.mail.pacing import Rates
from digest.mail.servers import Server
from digest.mail.session import Mail

Kept = tuple[Mail, Outcome]
Keep = Callable[[Sequence[Kept]], None]

TRIES = 3  # connections that may end under one mail before it waits like a deferred one
IDLE = 30.0  # seconds after which an unused connection isn't trusted any more
LOOK = 1.0  # seconds between two looks at deadlines
MOMENT = 0.02  # seconds until an iterator that had nothing just now is asked again
PARKED = 200  # mails at most that wait for their domain's turn
NOTHING: Iterator[Mail | None] = iter(())


class Relay(Protocol):
    """Where mails go: mail servers, or the local outbox."""

    def carry(self, mails: Iterable[Mail | None], keep: Keep) -> None:
        """Hand over mails until there are no more (None: nothing just now, ask again in a moment).

        `keep` is called with what was answered, again and again, and has kept it when it returns. Raises
        UnavailableError when nobody can be reached: what was not kept until then was not sent.
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
        self._source = NOTHING
        self._dry = True
        self._ask_at = self._look_at = self._used_at = 0.0
        self._waiting: deque[Mail] = deque()  # taken from the source, on no connection
        self._parked: deque[Mail] = deque()  # the same, until their domain may be written to
        self._tries: dict[object, int] = {}
        self._done: list[Kept] = []

    def carry(self, mails: Iterable[Mail | None], keep: Keep) -> None:
        """As Relay says."""
        self._source, self._dry = iter(mails), False
        if self._ticks() - self._used_at > IDLE:
            self.close()
        for lane in self._lanes:
            lane.carried = 0
        try:
            while self._turn(keep):
                pass
        except BaseException:
            self._drop_all()
            raise
        finally:
            self._waiting.clear()
            self._parked.clear()
            self._tries.clear()
            self._done.clear()
            self._source, self._used_at = NOTHING, self._ticks()

    def check(self) -> None:
        """Connect to every server and sign in; raises UnavailableError with the first one's reason."""
        for lane in self._lanes:
            self._open_one(lane, self._ticks())
            while not any(c.session for c in lane.connections):
                if not lane.connections:
                    raise UnavailableError(unreachable([lane]))
                self._listen(LOOK)

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
        if not self._under_way() and not self._waiting and not self._parked and self._dry:
            return False
        if self._waiting and not self._hope(now):
            self._despair()
            return self._keep(keep)
        self._listen(0.0 if opening else self._patience(now))
        if self._ticks() >= self._look_at:
            self._expire(self._ticks())
        return self._keep(keep)

    def _keep(self, keep: Keep) -> bool:
        if self._done:
            done, self._done = self._done, []
            keep(done)
        return True

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
        tried = [mail for mail in self._waiting if mail.key in self._tries]
        if not tried:
            raise UnavailableError(unreachable(self._lanes))
        self._done += [(mail, Deferred(unreachable(self._lanes))) for mail in tried]
        self._waiting = deque(mail for mail in self._waiting if mail.key not in self._tries)

    def _patience(self, now: float) -> float:
        """How long there is nothing to do but listen."""
        waits = self._parked or self._waiting or (not self._dry and self._ask_at > now)
        return MOMENT if waits else LOOK

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
        mail = self._released(now) or self._pull(now)
        if mail is None:
            return None
        if lane.bucket is not None and not lane.bucket.take(now):
            self._waiting.appendleft(mail)
            return None
        return mail

    def _released(self, now: float) -> Mail | None:
        """The first mail that waits and may go."""
        for _ in range(len(self._parked)):
            mail = self._parked.popleft()
            if self._rates.take(mail.recipient, now):
                return mail
            self._parked.append(mail)
        return self._waiting.popleft() if self._waiting else None

    def _pull(self, now: float) -> Mail | None:
        """The next of the source that may go now."""
        while not self._dry and now >= self._ask_at and len(self._parked) < PARKED:
            try:
                mail = next(self._source)
            except StopIteration:
                self._dry = True
                return None
            if mail is None:
                self._ask_at = now + MOMENT
                return None
            if self._rates.take(mail.recipient, now):
                return mail
            self._parked.append(mail)
        return None

    def _open_more(self, now: float) -> bool:
        """Open a connection to each server that has room while a mail waits for one."""
        if not self._waiting and (mail := self._pull(now)) is not None:
            self._waiting.append(mail)
        if not self._waiting:
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
                self._waiting.append(mail)
            else:
                self._done.append((mail, Deferred(session.goodbye or "connections ended before the message")))
        session.again.clear()
        if session.turned_off and session.goodbye:
            lane.health.crowded(session.answers, len(lane.connections))
            session.turned_off = False

    def _expire(self, now: float) -> None:
        """Give up connections that have said nothing for too long."""
        self._look_at = now + LOOK
        for lane in self._lanes:
            for connection in tuple(lane.connections):
                busy = connection.session is None or not connection.session.idle
                if busy and now > connection.deadline:
                    self._lost(lane, connection, BrokenError("no answer in time"))

    def _drop_all(self) -> None:
        for lane in self._lanes:
            for connection in lane.connections:
                connection.close()
            lane.connections.clear()
