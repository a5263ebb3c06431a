"""The scheduler of `celery beat`: monotonic time decides, and nothing is kept on disk.

Celery's own scheduler stores when a task last ran, by the wall clock. While that lies in the future, because the clock
was set back, it publishes nothing.
"""

import logging
import time
from typing import Any

from celery.beat import Scheduler, SchedulingError

from digest import broker_state
from digest.clock import now
from digest.errors import UnavailableError
from digest.task_names import Queue, TaskName

log = logging.getLogger(__name__)
RETRY_INTERVAL = 5.0  # seconds between two attempts while the broker does not answer


class MonotonicScheduler(Scheduler):  # type: ignore[misc]  # Celery has no types
    """Enqueues each task when beat starts, and then at its interval. A task that still waits is not enqueued again."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._due_at: dict[str, float] = {}
        super().__init__(*args, **kwargs)

    def tick(self) -> float:
        """Enqueue what is due; returns the seconds until the next task is due."""
        try:
            for name, entry in self.schedule.items():
                if self.monotonic() >= self._due_at.get(name, 0.0):
                    self._enqueue(entry)
                    self._due_at[name] = self.monotonic() + entry.schedule.run_every.total_seconds()
        except (UnavailableError, SchedulingError) as error:
            log.warning("the broker %s; beat tries again in %d s", error, RETRY_INTERVAL)
            return RETRY_INTERVAL
        return max(min(self._due_at.values()) - self.monotonic(), 0.0)

    def _enqueue(self, entry: Any) -> None:
        task, queue = TaskName(entry.task), Queue(entry.options["queue"])
        if broker_state.is_waiting(self.app, task, queue):
            log.info("%s still waits in the queue %s", task, queue)
        else:
            self.apply_async(entry, advance=False)
        broker_state.publish_clock(self.app, now)
