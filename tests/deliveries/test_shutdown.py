"""The flag that stops senders works whatever happens to the processes that share it."""

import multiprocessing
import os
import signal
import time

from digest.deliveries.sending.shutdown import ShutdownFlag

POLLING_TIME = 0.1  # seconds for which a process polls the flag before it is killed
CHILDREN = 10  # a lock is held nearly all the time, so one of them would have been killed with it


def _poll(flag: ShutdownFlag) -> None:
    with flag.watch_sigterm() as should_stop:
        while not should_stop():
            pass


def test_senders_still_stop_after_one_of_them_was_killed() -> None:
    context, flag = multiprocessing.get_context("fork"), ShutdownFlag()
    for _ in range(CHILDREN):
        child = context.Process(target=_poll, args=(flag,), daemon=True)
        child.start()
        time.sleep(POLLING_TIME)
        child.kill()
        child.join()
    last = context.Process(target=_poll, args=(flag,), daemon=True)
    last.start()
    setter = context.Process(target=flag.set, daemon=True)  # a process, because it might wait for ever
    setter.start()
    last.join(10)
    setter.join(10)
    exit_codes = (setter.exitcode, last.exitcode)
    for process in (setter, last):
        process.kill()
        process.join()
    assert exit_codes == (0, 0)


def test_many_signals_at_once_stop_a_sender_like_one() -> None:
    with ShutdownFlag().watch_sigterm() as should_stop:
        assert not should_stop()
        for _ in range(1000):
            os.kill(os.getpid(), signal.SIGTERM)
        assert should_stop()
