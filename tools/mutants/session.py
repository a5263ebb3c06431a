"""A pytest plugin that runs the tests once, to see which line each test runs, and then the mutants in forked processes.

A mutant runs only the tests of its line, the quickest first, until one fails.
"""

import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tools.mutants.mutations import Mutation, Place
from tools.mutants.results import Fate
from tools.mutants.swapping import ChangedModuleError, NotAppliedError, importers_of, put_in

MAX_MUTANT_SECONDS = 3.0  # processor time that the tests of a mutant take together
LONGER_TEST = 2.5  # times as long may one more test take
FEW_TESTS = 3  # a line that fewer tests run may be behind a cache: then all tests of the module and its users are asked
LEFT_OUT = ("browser", "release", "long")  # tests with these marks

Found = tuple[Fate, str, int]  # what became of a mutant, the test that noticed, and how many tests there were
Job = Callable[["Baseline"], None]


def choose_tests(
    lines_of_tests: Mapping[str, frozenset[int]],
    seconds: Mapping[str, float],
    max_seconds: float = MAX_MUTANT_SECONDS,
) -> list[str]:
    """The tests that a mutant runs, in their order: what fits into the time, and one that takes longer."""
    quickest = sorted(lines_of_tests, key=lambda name: (seconds[name], name))
    seen: Counter[frozenset[int]] = Counter()
    turns: dict[str, int] = {}
    for name in quickest:
        seen[lines_of_tests[name]] += 1
        turns[name] = seen[lines_of_tests[name]]
    in_turn = sorted(quickest, key=turns.__getitem__)
    chosen: dict[str, None] = {}
    taken = 0.0
    for names, limit in ((in_turn, max_seconds / 2), (quickest, max_seconds)):
        for name in names:
            if name not in chosen and taken + seconds[name] <= limit:
                chosen[name] = None
                taken += seconds[name]
    # One that takes longer, because a property is often tested by many examples.
    longer = [name for name in in_turn if name not in chosen and seconds[name] <= LONGER_TEST * max_seconds]
    return [*chosen, *longer[:1]]


class Baseline:
    """The tests as they run without a mutant: which lines of which module each one runs, and for how long."""

    def __init__(self, modules: Sequence[Path], job: Job, max_seconds: float = MAX_MUTANT_SECONDS) -> None:
        from coverage import Coverage

        self._coverage = Coverage(
            data_file=None, config_file=False, include=[str(path.resolve()) for path in modules]
        )
        self._job = job
        self._modules = modules
        self._max_seconds = max_seconds
        self._items: dict[str, pytest.Item] = {}
        self._seconds: dict[str, float] = {}
        self._by_module: dict[Path, dict[str, frozenset[int]]] = {}
        self.problems: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what is slow by its kind, and PostgreSQL, where each test runs on SQLite too."""
        items[:] = [
            item
            for item in items
            if "postgresql" not in item.nodeid and not any(map(item.get_closest_marker, LEFT_OUT))
        ]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run each test once, then the mutants."""
        self._coverage.start()
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            self._coverage.switch_context(item.nodeid)
            started = time.process_time()
            reports = runtestprotocol(item, log=False, nextitem=following)
            self._seconds[item.nodeid] = time.process_time() - started
            if all(report.passed for report in reports):
                self._items[item.nodeid] = item
            elif any(report.failed for report in reports):
                self.problems.append(item.nodeid)
        self._coverage.stop()
        # Servers and databases of a whole run do not outlive a fork. Each mutant makes those that it needs.
        session._setupstate.teardown_exact(None)
        for name, seconds in in_a_fork(lambda: list(_second_run(list(self._items.values())))):
            if seconds is None:
                self.problems.append(name)
                self._items.pop(name, None)
            else:  # what is imported and made once was made before
                self._seconds[name] = seconds
        self._job(self)
        return True

    def tests_of(self, path: Path, mutation: Mutation) -> list[pytest.Item]:
        """The tests that run a mutation's lines, as many as there is time for; where these are few, others follow.

        Half of the time is for tests that run different lines of the module, in turn: a hundred mails of the same form
        say less than one of each form. The other half is for the quickest, however alike their lines are.
        """
        lines_of_tests = self._lines_of_tests(path)
        wanted = None if mutation.place is Place.VALUE else set(mutation.lines)
        names = [name for name, lines in lines_of_tests.items() if wanted is None or lines & wanted]
        chosen = choose_tests({n: lines_of_tests[n] for n in names}, self._seconds, self._max_seconds)
        if len(names) < FEW_TESTS:
            others = self._tests_of_users(path) | lines_of_tests
            more = choose_tests(others, self._seconds, self._max_seconds)
            chosen += [name for name in more if name not in chosen]
        return [self._items[name] for name in chosen]

    def _lines_of_tests(self, path: Path) -> dict[str, frozenset[int]]:
        """The lines of a module that each test runs."""
        if path not in self._by_module:
            lines: dict[str, set[int]] = {}
            for line, names in self._coverage.get_data().contexts_by_lineno(str(path.resolve())).items():
                for name in set(names) & set(self._items):
                    lines.setdefault(name, set()).add(line)
            self._by_module[path] = {name: frozenset(each) for name, each in lines.items()}
        return self._by_module[path]

    def _tests_of_users(self, path: Path) -> dict[str, frozenset[int]]:
        """The tests of the modules that use a module. What is remembered runs in the first of them only."""
        users = importers_of(module_name(path))
        tests: dict[str, frozenset[int]] = {}
        for other in self._modules:
            if module_name(other) in users:
                tests |= self._lines_of_tests(other)
        return tests

    def files_of(self, path: Path) -> set[str]:
        """The test files that run anything of a module."""
        return {name.split("::")[0] for name in self._lines_of_tests(path)}

    def seconds(self, items: Sequence[pytest.Item]) -> float:
        """How long tests took without a mutant, in processor time."""
        return sum(self._seconds[item.nodeid] for item in items)


def module_name(path: Path) -> str:
    """The name by which a module's file is imported."""
    return str(path).removesuffix(".py").replace("/", ".")


def in_a_fork(work: Callable[[], list[tuple[str, float | None]]]) -> list[tuple[str, float | None]]:
    """What `work` returns in a process of its own."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            _silence()
            os.write(writer, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(pid, 0)
    return [(name, seconds) for name, seconds in json.loads(answer)]


def _second_run(items: Sequence[pytest.Item]) -> Iterator[tuple[str, float | None]]:
    """How long each test takes, in processor time, once all have run; None for one that fails."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        started = time.process_time()
        reports = runtestprotocol(item, log=False, nextitem=following)
        failed = any(report.failed for report in reports)
        yield item.nodeid, None if failed else time.process_time() - started


def _failures(items: Sequence[pytest.Item]) -> Iterator[str]:
    """The tests that fail, as they are found. What several tests use is made once."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            yield item.nodeid


class Attempt:
    """A mutant in a process of its own."""

    def __init__(self, path: Path, source: str, mutation: Mutation, baseline: Baseline) -> None:
        self.mutation = mutation
        self._items = baseline.tests_of(path, mutation)
        self._reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(writer)
            return
        try:
            found = _try(path, source, mutation, self._items, baseline.seconds(self._items))
            os.write(writer, json.dumps(found).encode())
        except BaseException:
            os.write(writer, json.dumps((Fate.NOT_APPLIED, traceback.format_exc())).encode())
            raise
        finally:
            os._exit(0)

    def result(self) -> Found:
        """What became of the mutant, after its process has ended. One that was stopped took too long."""
        with os.fdopen(self._reader, "rb") as pipe:
            answer = pipe.read()
        if not answer:
            return Fate.TIMEOUT, "", len(self._items)
        fate, test = json.loads(answer)
        return Fate(fate), test, len(self._items)


def _try(
    path: Path, source: str, mutation: Mutation, items: Sequence[pytest.Item], seconds: float
) -> tuple[Fate, str]:
    if not items:
        return Fate.UNTESTED, ""
    _silence()
    _limit(10 + 6 * seconds)
    module = importlib.import_module(module_name(path))
    try:
        put_in(module, source, mutation)
    except NotAppliedError:
        return Fate.NOT_APPLIED, ""
    except ChangedModuleError as error:
        return Fate.KILLED, f"at import: {error}"
    first = next(_failures(items), None)
    return (Fate.KILLED, first) if first else (Fate.SURVIVED, "")


def _silence() -> None:
    """Let the tests of a mutant print nothing."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _limit(seconds: float) -> None:
    """End this process when it has used this much processor time, or three times as much time on the clock."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        os._exit(1)

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(int(3 * seconds))


def run_all(
    path: Path, source: str, mutations: Sequence[Mutation], baseline: Baseline, workers: int
) -> Iterator[tuple[Mutation, Found]]:
    """What became of each mutant, as they end; `workers` of them run at a time."""
    waiting, running = list(reversed(mutations)), dict[int, Attempt]()
    while waiting or running:
        while waiting and len(running) < workers:
            attempt = Attempt(path, source, waiting.pop(), baseline)
            running[attempt.pid] = attempt
        pid, _ = os.wait()
        if ended := running.pop(pid, None):
            yield ended.mutation, ended.result()


def run_pytest(tests: Sequence[str], modules: Sequence[Path], job: Job, max_seconds: float) -> list[str]:
    """Run tests and then a job in this process; the tests that failed without any mutant."""
    from hypothesis import HealthCheck, Phase, settings

    # The same examples each time, and no search for the simplest one.
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    settings.load_profile("mutants")
    baseline = Baseline(modules, job, max_seconds)
    options: list[Any] = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--no-header",
        "--no-summary",
        *tests,
    ]
    code = pytest.main(options, plugins=[baseline])
    sys.stdout.flush()
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SystemExit(f"pytest ended with {code}")
    return baseline.problems
