"""A cache that threads share and that does not grow for ever."""

from collections.abc import Callable, Hashable
from threading import RLock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BoundedCache(Generic[Value]):
    """Values by key, at most `limit`. When it is full, the older half is removed; values in use are soon made again."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: dict[Hashable, Value] = {}
        self._lock = RLock()  # web processes have threads
        self.get = self._values.get  # needs no lock: a dictionary lookup is atomic

    def get_or_create(self, key: Hashable, create: Callable[[], Value]) -> Value:
        """The value of a key. `create` makes one, which is dropped if another thread has stored one meanwhile."""
        with self._lock:
            self._make_room()
            return self._values.setdefault(key, create())

    def replace(self, key: Hashable, value: Value) -> None:
        """Store a value, in place of the one that is stored."""
        with self._lock:
            self._make_room()
            self._values[key] = value

    def _make_room(self) -> None:
        if len(self._values) >= self._limit:
            for oldest in list(self._values)[: self._limit // 2]:
                del self._values[oldest]
