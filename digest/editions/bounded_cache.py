"""A cache that threads share and that does not grow for ever."""

from collections.abc import Callable, Hashable
from threading import RLock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BoundedCache(Generic[Value]):
    """Values by key. When it is full, the older half is removed; values in use are soon made again.

    It has at most `limit` values, or values whose sizes together are at most about `limit`.
    """

    def __init__(self, limit: int, *, size: Callable[[Value], int] = lambda _value: 1) -> None:
        self._limit, self._size, self._total = limit, size, 0
        self._values: dict[Hashable, Value] = {}
        self._lock = RLock()  # web processes have threads
        self.get = self._values.get  # needs no lock: a dictionary lookup is atomic

    def get_or_create(self, key: Hashable, create: Callable[[], Value]) -> Value:
        """The value of a key, which `create` makes if there is none. Other threads wait for it."""
        with self._lock:
            if key not in self._values:
                self._store(key, create())
            return self._values[key]

    def replace(self, key: Hashable, value: Value) -> None:
        """Store a value, in place of the one that is stored."""
        with self._lock:
            self._store(key, value)

    def _store(self, key: Hashable, value: Value) -> None:
        if self._total >= self._limit:
            for oldest in list(self._values)[: (len(self._values) + 1) // 2]:
                self._total -= self._size(self._values.pop(oldest))
        if key in self._values:
            self._total -= self._size(self._values[key])
        self._total += self._size(value)
        self._values[key] = value
