"""Hashes passwords with argon2id, a bounded number at once.

A hash takes tens of milliseconds on all processors and 64 MB. Sixteen at once would slow every page, so one runs at a
time in a process, in a thread to which the others are preferred, a few wait, and the others are refused with
UnavailableError (503 and Retry-After).
"""

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from threading import BoundedSemaphore, get_native_id
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from digest.accounts.pure.passwords import LONGEST_CHECKED_PASSWORD
from digest.errors import NewsroomText, UnavailableError

MOST_AT_ONCE = 1  # argon2-cffi already uses four threads for one hash
MOST_WAITING = 3  # of the eight threads of the documented web process; the others answer pages meanwhile
LONGEST_WAIT = 5.0  # seconds

TOO_MANY = NewsroomText("Too many people sign in at the same time. Try again in a minute.")
# "nice": a ninth of the share of another thread. With 19, signing in took over half a minute on a busy machine.
LOW_PRIORITY = 10

Result = TypeVar("Result")

_hasher = PasswordHasher()
_running = BoundedSemaphore(MOST_AT_ONCE)
_admitted = BoundedSemaphore(MOST_AT_ONCE + MOST_WAITING)


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its parameters."""
    with _turn():
        return _run(lambda: _hasher.hash(password))


def matches(hashed: str, password: str) -> bool:
    """Whether a password has this hash. An empty hash and a text that is too long fit nothing, and take as long."""
    possible = bool(hashed) and len(password) <= LONGEST_CHECKED_PASSWORD
    with _turn():
        try:
            hash_to_verify = hashed if possible else _placeholder_hash()
            verified = _run(lambda: _hasher.verify(hash_to_verify, password[:LONGEST_CHECKED_PASSWORD]))
        except (VerificationError, InvalidHashError):
            return False
    return verified and possible


def needs_rehash(hashed: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(hashed)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for a turn to hash. Raises UnavailableError if too many wait already."""
    if not _admitted.acquire(blocking=False):
        raise UnavailableError(TOO_MANY)
    try:
        if not _running.acquire(timeout=LONGEST_WAIT):
            raise UnavailableError(TOO_MANY)
        try:
            yield
        finally:
            _running.release()
    finally:
        _admitted.release()


@cache
def _placeholder_hash() -> str:
    """A hash to verify if there is no such account, so that the answer takes as long as for an existing account."""
    return _run(lambda: _hasher.hash(secrets.token_urlsafe(16)))


def _run(work: Callable[[], Result]) -> Result:
    """The result of work, which is done with low priority."""
    return _threads().submit(work).result()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_AT_ONCE, "password-hash", initializer=_give_way)


def _give_way() -> None:
    """Prefer all other threads to this one and to those that Argon2 starts from it, where the system allows it."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), LOW_PRIORITY)


os.register_at_fork(after_in_child=_threads.cache_clear)  # the child has no such thread
