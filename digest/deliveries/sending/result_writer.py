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


class ResultWriter:
    """Runs writes one after the other. While the database is unavailable, the write that is running waits."""

    def __init__(self, db: Database) -> None:
        self._connection = db.writer_connection()
        self._background = db.background_connection()
        self._last_save: _BackgroundSave | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="result-writer")

    def submit(self, write: Callable[[CoreTx], None]) -> "Future[None]":
        """Run `write` in a transaction soon; the future is done when it is committed.

        The future raises UnavailableError when the database was unavailable for MAX_DATABASE_WAIT.
        """
        return self._thread.submit(self._write, write)

    def save(self, results: Sequence[DeliveryResult]) -> SaveInProgress:
        """Write results that need nothing else in their transaction, as fast as the database can.

        The one before must be done.
        """

        def submit() -> "Future[None]":
            return self.submit(lambda tx: claims.record_results(tx, results))

        parameters = claims.postgresql_parameters(results) if self._background else ()
        if self._background is None or len(parameters) != 1:
            return submit()
        self._last_save = _BackgroundSave(self._background, parameters[0], submit)
        return self._last_save

    def close(self) -> None:
        """Wait for the writes that were submitted, and return the connections."""
        if self._last_save is not None:
            with contextlib.suppress(UnavailableError):
                self._last_save.result()
        self._thread.submit(self._connection.close)
        self._thread.shutdown()
        if self._background is not None:
            self._background.close()

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
    ) -> None:
        self._submit = submit
        self._future: Future[None] | None = None
        self._wake: Callable[[object], None] = lambda _save: None
        self._statement: BackgroundStatement | None = None
        try:
            self._statement = connection.start(RECORD_ON_POSTGRESQL.encode(), parameters)
        except BackgroundError as error:  # the thread meets it again, and decides
            self._fall_back(error)

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
        if self._future is not None:
            self._future.result()

    def _fall_back(self, error: Exception) -> None:
        log.debug("results are written by the thread: %s", error)
        self._future = self._submit()
        self._future.add_done_callback(self._wake)
