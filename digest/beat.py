"""The scheduler of `celery beat`: monotonic time decides, and nothing is kept on disk.

Celery's own scheduler stores when a task last ran, by the wall clock. While that lies in the future, because the clock
was set back, it publishes nothing.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from celery.beat import Scheduler, SchedulingError

from digest import broker_state
from digest.clock import now
from digest.errors import UnavailableError
from digest.monitoring.run_records import HEARTBEAT_INTERVAL
from digest.task_names import Queue, TaskName

log = logging.getLogger(__name__)
RETRY_INTERVAL = 5.0  # seconds between two attempts while the broker does not answer


class MonotonicScheduler(Scheduler):  # type: ignore[misc]  # Celery has no types
    """Enqueues each task when beat starts, and then at its interval. A task that still waits is not enqueued again."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._due_at: dict[str, float] = {}
        self._heartbeat: Callable[[], None] | None = None
        self._heartbeat_at = 0.0
        super().__init__(*args, **kwargs)

    def show_itself_by(self, heartbeat: Callable[[], None]) -> None:
        """Call `heartbeat` now and then, to show that beat lives."""
        self._heartbeat = heartbeat

    def tick(self) -> float:
        """Enqueue what is due; returns the seconds until the next call."""
        try:
            for name, entry in self.schedule.items():
                if self.monotonic() >= self._due_at.get(name, 0.0):
                    self._enqueue(entry)
                    self._due_at[name] = self.monotonic() + entry.schedule.run_every.total_seconds()
        except (UnavailableError, SchedulingError) as error:
            log.warning("the broker %s; beat tries again in %d s", error, RETRY_INTERVAL)
            return RETRY_INTERVAL
        finally:
            self._show_itself()
        due_at = [*self._due_at.values(), *([self._heartbeat_at] if self._heartbeat else [])]
        return max(min(due_at) - self.monotonic(), 0.0)

    def _show_itself(self) -> None:
        if self._heartbeat is not None and self.monotonic() >= self._heartbeat_at:
            self._heartbeat()
            self._heartbeat_at = self.monotonic() + HEARTBEAT_INTERVAL

    def _enqueue(self, entry: Any) -> None:
        task, queue = TaskName(entry.task), Queue(entry.options["queue"])
        if broker_state.is_waiting(self.app, task, queue):
            log.info("%s still waits in the queue %s", task, queue)
        else:
            self.apply_async(entry, advance=False)
        broker_state.publish_clock(self.app, now)
