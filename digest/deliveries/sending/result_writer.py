"""Writes results while mails are sent: in the background of PostgreSQL, or in a thread of its own."""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from digest.database import CoreTx, Database
from digest.database_errors import BackgroundError
from digest.deliveries.store import claims
from digest.deliveries.store.claims import RECORD_ON_POSTGRESQL, DeliveryResult
from digest.errors import UnavailableError
from digest.mail.outcome_saver import SaveInProgress

if TYPE_CHECKING:
    from digest.database_background import BackgroundConnection, BackgroundStatement

log = logging.getLogger(__name__)
RETRY_INTERVAL = 1.0  # seconds between two attempts to write while the database is unavailable
# Seconds that results wait while the database is unavailable. After that they are lost, and their mails are sent again.
MAX_DATABASE_WAIT = 300.0


# Saves that PostgreSQL may commit at the same time, each on a connection of its own: it writes the log for all of them
# at once, and a connection to the mail server waits for one commit instead of one and a half.
MAX_BACKGROUND_SAVES = 3


class ResultWriter:
    """Runs writes one after the other, and saves of results beside them on PostgreSQL.

    While the database is unavailable, the write that is running waits.
    """

    def __init__(self, db: Database) -> None:
        self._connection = db.writer_connection()
        connections = [db.background_connection() for _ in range(MAX_BACKGROUND_SAVES)]
        self._background = [connection for connection in connections if connection is not None]
        self._saves: list[_BackgroundSave] = []  # whose result nobody has taken yet
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="result-writer")

    def submit(self, write: Callable[[CoreTx], None]) -> "Future[None]":
        """Run `write` in a transaction soon; the future is done when it is committed.

        The future raises UnavailableError when the database was unavailable for MAX_DATABASE_WAIT.
        """
        return self._thread.submit(self._write, write)

    def save(self, results: Sequence[DeliveryResult]) -> SaveInProgress:
        """Write results that need nothing else in their transaction, as fast as the database can.

        The saves before must be done, or allow another.
        """

        def submit() -> "Future[None]":
            return self.submit(lambda tx: claims.record_results(tx, results))

        self._saves = [save for save in self._saves if not save.is_over]
        busy = [save.connection for save in self._saves]
        free = [connection for connection in self._background if connection not in busy]
        parameters = claims.postgresql_parameters(results) if free else ()
        if len(parameters) != 1:
            return submit()
        save = _BackgroundSave(free[0], parameters[0], submit, is_last=len(free) == 1)
        self._saves.append(save)
        return save

    def close(self) -> None:
        """Wait for the writes that were submitted, and return the connections."""
        for save in self._saves:
            with contextlib.suppress(UnavailableError):
                save.result()
        self._thread.submit(self._connection.close)
        self._thread.shutdown()
        for connection in self._background:
            connection.close()

    def _write(self, write: Callable[[CoreTx], None]) -> None:
        give_up_at = time.monotonic() + MAX_DATABASE_WAIT
        while True:
            try:
                with self._connection.begin() as tx:
                    write(tx)
            except UnavailableError as error:
                if time.monotonic() > give_up_at:
                    raise
                log.warning("%s; answers of the mail server wait to be written down", error)
                time.sleep(RETRY_INTERVAL)
            else:
                return


class _BackgroundSave:
    """A write of results in the background. If it fails, the thread writes them, and waits if it must."""

    def __init__(
        self,
        connection: "BackgroundConnection",
        parameters: Sequence[str],
        submit: "Callable[[], Future[None]]",
        *,
        is_last: bool,
    ) -> None:
        self.connection, self._submit, self._is_last = connection, submit, is_last
        self.is_over = False  # whether its result was taken, so that nobody watches its socket any more
        self._future: Future[None] | None = None
        self._wake: Callable[[object], None] = lambda _save: None
        self._statement: BackgroundStatement | None = None
        try:
            self._statement = connection.start(RECORD_ON_POSTGRESQL.encode(), parameters)
        except BackgroundError as error:  # the thread meets it again, and decides
            self._fall_back(error)

    @property
    def allows_another(self) -> bool:
        """Whether there is a connection for another save, and the database answers."""
        return not self._is_last and self._future is None

    @property
    def socket(self) -> int | None:
        """Readable when the save may be done; None if `add_done_callback` tells."""
        return self._statement.socket if self._statement is not None and self._future is None else None

    def add_done_callback(self, wake: Callable[[object], None]) -> None:
        """Call `wake` when the thread has written the results."""
        self._wake = wake
        if self._future is not None:
            self._future.add_done_callback(wake)

    def done(self) -> bool:
        """Whether the results are committed, or writing them has failed."""
        if self._future is None and self._statement is not None:
            try:
                return self._statement.is_done()
            except BackgroundError as error:
                self._fall_back(error)
        return self._future is not None and self._future.done()

    def result(self) -> None:
        """Return when the results are committed. Raises as the future of `ResultWriter.submit`."""
        if self._future is None and self._statement is not None:
            try:
                self._statement.wait()
            except BackgroundError as error:
                self._fall_back(error)
        self.is_over = True
        if self._future is not None:
            self._future.result()

    def _fall_back(self, error: Exception) -> None:
        log.debug("results are written by the thread: %s", error)
        self._future = self._submit()
        self._future.add_done_callback(self._wake)


class LaterWrite:
    """A write that is submitted when some saves are done."""

    def __init__(self, saves: Sequence[SaveInProgress], submit: "Callable[[], Future[None]]") -> None:
        self._saves, self._submit = saves, submit
        self._future: Future[None] | None = None
        self._wake: Callable[[object], None] = lambda _save: None

    def add_done_callback(self, wake: Callable[[object], None]) -> None:
        """Call `wake` when it is written; before that, the saves tell when it can be submitted."""
        self._wake = wake
        if self._future is not None:
            self._future.add_done_callback(wake)

    def done(self) -> bool:
        """Whether it is committed, or has failed. It is submitted when somebody asks after the saves are done."""
        if self._future is None and all(save.done() for save in self._saves):
            self._begin()
        return self._future is not None and self._future.done()

    def result(self) -> None:
        """Return when it is committed. Raises as the saves and as the future of `ResultWriter.submit`."""
        for save in self._saves:
            save.result()
        (self._future or self._begin()).result()

    def _begin(self) -> "Future[None]":
        self._future = self._submit()
        self._future.add_done_callback(self._wake)
        return self._future
