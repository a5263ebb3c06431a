"""Relays hand mails over to mail servers, or to the local outbox.

`SmtpRelay` uses one or more servers over connections that stay open, all in one thread. It takes mails from an iterator
as connections become free. The outcomes of a connection are saved before it sends another message; while they are being
saved, the other connections go on. So after a crash the outcome of at most one mail per connection is unknown.
"""

import contextlib
import selectors
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Protocol

from digest.errors import UnavailableError
from digest.mail.connection import Connection, ConnectionBrokenError
from digest.mail.outcome_saver import CountOutcome, OutcomeSaver, SaveOutcomes
from digest.mail.outgoing_queue import POLL_INTERVAL, MaySend, OutgoingQueue, always_send
from digest.mail.pure.outcomes import Accepted, Deferred
from digest.mail.pure.pacing import DomainRates
from digest.mail.pure.servers import Server
from digest.mail.pure.session import Mail
from digest.mail.server_links import ServerLink, create_link, describe_unreachable, may_take_next

MAX_CONNECTION_TRIES = 3  # connections on which a mail is tried before it is deferred
MAX_IDLE = 30.0  # seconds; a connection unused for longer is not trusted to be alive
CHECK_INTERVAL = 1.0  # seconds between two checks of timeouts and cancelled mails
# Seconds between two steps after which this process was stopped: then the source is asked before a message is sent,
# because it may be told not to send any more.
MAX_STANDSTILL = 5.0


class Relay(Protocol):
    """Hands mails over to mail servers, or to the local outbox."""

    def send_all(
        self, mails: Iterable[Mail | None], save: SaveOutcomes, *, may_send: MaySend = always_send
    ) -> None:
        """Send all mails of an iterable; it yields None while it has no mail but may have one later.

        `save` is called repeatedly with new outcomes. `may_send` is asked every second about mails that wait, and
        those for which it returns false are dropped. Raises UnavailableError when no server can be used, and whatever
        `mails` or `save` raise. After an error, a mail without a saved outcome was not sent, unless `save` failed.
        """

    def close(self) -> None:
        """Close all connections."""


class SmtpRelay:
    """Sends over mail servers with weights. While one server has trouble, the others take its share."""

    def __init__(
        self,
        servers: Sequence[Server],
        *,
        rates: DomainRates | None = None,
        count_outcome: CountOutcome | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._links = [create_link(server) for server in servers]
        self._rates, self._monotonic = rates or DomainRates({}), monotonic
        self._selector = selectors.DefaultSelector()
        self._queue = OutgoingQueue(iter(()), self._rates)
        self._saver = OutcomeSaver(self._selector, count_outcome)
        self._next_check_at = self._last_step_at = 0.0
        self._connection_tries: dict[Hashable, int] = {}  # by mail key

    def send_all(
        self, mails: Iterable[Mail | None], save: SaveOutcomes, *, may_send: MaySend = always_send
    ) -> None:
        """See `Relay`."""
        self._queue = OutgoingQueue(iter(mails), self._rates, may_send)
        self._saver.begin(save)
        if self._monotonic() - self._last_step_at > MAX_IDLE:
            self.close()
        self._last_step_at = self._monotonic()
        for link in self._links:
            link.sent_count = 0
        self._handle_events(0.0)  # servers may have closed connections meanwhile
        try:
            while self._step():
                pass
        except BaseException as error:
            try:
                if isinstance(error, Exception) and not self._saver.failed:
                    self._await_outcomes()
            finally:
                self._drop_connections()
            raise
        finally:
            self._queue.close()
            self._connection_tries.clear()

    def check(self) -> None:
        """Connect to every server and sign in; raises UnavailableError with the reason of the first that fails."""
        for link in self._links:
            self._open_connection(link, self._monotonic())
            while not any(connection.session for connection in link.connections):
                if not link.connections:
                    raise UnavailableError(describe_unreachable([link]))
                self._handle_events(CHECK_INTERVAL)
                self._check_timeouts(self._monotonic())

    def close(self) -> None:
        """Close all connections, with QUIT where that needs no waiting."""
        self._drop_connections(send_quit=True)
        self._saver.close()

    def _connections(self) -> Iterator[Connection]:
        for link in self._links:
            yield from link.connections

    def _step(self) -> bool:
        """Send what can be sent, wait for events, and save outcomes. Returns false when all is done."""
        now = self._monotonic()
        if now - self._last_step_at > MAX_STANDSTILL:
            self._queue.ask_source()
        self._last_step_at = now
        self._saver.finish()
        self._send_ready(now)
        is_opening = self._open_connections(now)
        if self._saver.start():
            return True
        if self._queue.empty and not self._is_sending():
            if not self._saver.busy:
                return False
        elif self._queue.waiting and not self._can_progress(now):
            self._defer_tried_mails()
            return True
        idle_wait = POLL_INTERVAL if self._queue.needs_polling(now) else CHECK_INTERVAL
        self._handle_events(0.0 if is_opening else idle_wait)
        if self._monotonic() >= self._next_check_at:
            self._next_check_at = self._monotonic() + CHECK_INTERVAL
            self._check_timeouts(self._monotonic())
            self._queue.drop_cancelled()
        return True

    def _await_outcomes(self) -> None:
        """Wait for the outcomes of the messages being sent, after the source of mails failed. No other is begun."""
        self._queue.close()
        with contextlib.suppress(UnavailableError):
            is_waiting = True
            while is_waiting:
                for link in self._links:
                    link.drop_unbegun()
                is_waiting = self._step()

    def _is_sending(self) -> bool:
        return any(c.session is not None and not c.session.idle for c in self._connections())

    def _can_progress(self, now: float) -> bool:
        """Whether waiting may help: a connection is being opened or is sending, or a server can be used."""
        is_opening = any(connection.session is None for connection in self._connections())
        return is_opening or self._is_sending() or any(link.health.is_usable(now) for link in self._links)

    def _defer_tried_mails(self) -> None:
        """Defer the mails on which connections broke, because these mails may be why no server can be used.

        Raises UnavailableError when there are none.
        """
        tried = self._queue.remove_by_key(self._connection_tries)
        reason = describe_unreachable(self._links)
        if not tried:
            raise UnavailableError(reason)
        for mail in tried:
            self._saver.add((mail, Deferred(reason)), None)

    def _send_ready(self, now: float) -> None:
        """Send the bodies that may go, and the next envelopes after them."""
        for link in self._links:
            for connection in tuple(link.connections):
                session = connection.session
                if session is None:
                    continue
                if session.can_send_body and not connection.unsaved_outcomes:
                    session.send_body()
                if session.can_start_next and (mail := self._take_next(link, now)) is not None:
                    session.send_envelope(mail)
                    link.sent_count += 1
                if session.outgoing:
                    self._attempt(link, connection, connection.flush, now)
                self._collect_outcomes(link, connection, now)
                if session.is_exhausted and connection in link.connections:
                    link.connections.remove(connection)
                    connection.close(send_quit=True)

    def _take_next(self, link: ServerLink, now: float) -> Mail | None:
        """The next mail for this server; None when there is none, or when the server may take none now."""
        if not link.health.is_usable(now) or not may_take_next(link, self._links, now):
            return None
        mail = self._queue.take_next(now)
        if mail is not None and link.bucket is not None and not link.bucket.take(now):
            self._queue.put_back(mail)
            return None
        return mail

    def _open_connections(self, now: float) -> bool:
        """Open a connection to each server that has room, if a mail waits for one. Returns whether any was opened."""
        if not self._queue.has_next(now):
            return False
        are_open = [connection.session is not None for connection in self._connections()]
        if are_open.count(False) > are_open.count(True):
            return False  # open at most as many as are open already: 1, 2, 4 …
        opened = False
        for link in self._links:
            has_idle = any(c.session is not None and c.session.idle for c in link.connections)
            has_room = len(link.connections) < link.health.max_connections and not has_idle
            if has_room and link.health.is_usable(now) and may_take_next(link, self._links, now):
                opened = self._open_connection(link, now) or opened
        return opened

    def _open_connection(self, link: ServerLink, now: float) -> bool:
        try:
            connection = Connection(link.server, self._selector, link.health.max_messages, now)
        except ConnectionBrokenError as error:
            link.health.record_failure(str(error), now)
            return False
        link.connections.append(connection)
        return True

    def _handle_events(self, timeout: float) -> None:
        """Wait up to `timeout` seconds for connections that can be read or written, and handle them."""
        for key, _ in self._selector.select(timeout):
            if key.data is self._saver:
                self._saver.clear_signal()
                continue
            connection: Connection = key.data
            link = next(link for link in self._links if link.server is connection.server)
            now = self._monotonic()
            was_opening = connection.session is None
            self._attempt(link, connection, connection.handle_ready, now)
            if was_opening and connection.session is not None:
                link.record_opened(connection.session, now)
            self._collect_outcomes(link, connection, now)

    def _attempt(
        self, link: ServerLink, connection: Connection, action: Callable[[float], None], now: float
    ) -> None:
        try:
            action(now)
        except ConnectionBrokenError as error:
            self._handle_broken(link, connection, error)

    def _handle_broken(self, link: ServerLink, connection: Connection, error: ConnectionBrokenError) -> None:
        now = self._monotonic()
        connection.close()
        if connection in link.connections:
            link.connections.remove(connection)
        session = connection.session
        if session is None:
            if link.connections:
                link.health.reduce_limits(0, len(link.connections) + 1)
            else:
                link.health.record_failure(str(error), now)
            return
        if session.started_count and not session.answered_count and not session.closed_by_server:
            link.health.record_broken_connection(str(error), now)
        session.handle_disconnect(f"connection lost: {error}", final_dot_sent=connection.final_dot_sent)
        self._collect_outcomes(link, connection, now)

    def _collect_outcomes(self, link: ServerLink, connection: Connection, now: float) -> None:
        """Take over a session's outcomes, and the mails that it returned."""
        session = connection.session
        if session is None or not (session.outcomes or session.returned or session.closed_by_server):
            return
        for mail, outcome in session.outcomes:
            link.health.record_answer(
                accepted=isinstance(outcome, Accepted), deferred=isinstance(outcome, Deferred), now=now
            )
            self._saver.add((mail, outcome), connection)
        session.outcomes.clear()
        for mail in session.returned:
            tries = self._connection_tries[mail.key] = self._connection_tries.get(mail.key, 0) + 1
            if tries < MAX_CONNECTION_TRIES:
                self._queue.requeue(mail)
            else:
                reason = session.closing_reply or "connections ended before the message"
                self._saver.add((mail, Deferred(reason)), connection)
        session.returned.clear()
        if session.closed_by_server and session.closing_reply:
            link.health.reduce_limits(session.answered_count, len(link.connections))
            session.closed_by_server = False

    def _check_timeouts(self, now: float) -> None:
        """Give up the connections whose server has been silent for too long."""
        for link in self._links:
            for connection in tuple(link.connections):
                is_expected = connection.session is None or not connection.session.idle
                if is_expected and not connection.unsaved_outcomes:
                    self._attempt(link, connection, connection.check_timeout, now)

    def _drop_connections(self, *, send_quit: bool = False) -> None:
        for link in self._links:
            for connection in link.connections:
                connection.close(send_quit=send_quit)
            link.connections.clear()
