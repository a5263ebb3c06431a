"""Mutation testing: which faults it makes, how they get into a module that is loaded, and what is counted."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from digest.sources.pure.naming.source_name import name_source
from tools.mutants import results as kept
from tools.mutants.__main__ import _still_known
from tools.mutants.finding import find_mutations
from tools.mutants.mutations import Mutation, Place
from tools.mutants.results import Fate, ModuleResults, Result
from tools.mutants.session import MAX_MUTANT_SECONDS, Baseline, choose_tests
from tools.mutants.swapping import NotAppliedError, put_in

SOURCE = '''"""A module."""
import functools

LIMIT = 3
TABLE = {"a": 1}


def is_over(count: int, least: int = 0) -> bool:
    """Whether it is."""
    return count > LIMIT and count >= least


@functools.cache
def doubled(count: int) -> int:
    return 2 * count


class Doubles(dict):
    def __missing__(self, count: int) -> int:
        self[count] = doubled(count)
        return self[count]


DOUBLES = Doubles()


class Box:
    size = 1

    @property
    def first(self) -> int:
        return min(4, 5)
'''


def changes(source: str) -> set[tuple[str, str]]:
    return {mutation.shown(source) for mutation in find_mutations(source)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a < b", "a <= b"),
        ("a not in b", "a in b"),
        ("a and b", "a or b"),
        ("not a", "a"),
        ("a + b", "a - b"),
        ("a[:4]", "a[:5]"),
        ("min(a, b)", "max(a, b)"),
        ("query.where(a, b)", "query.where(b)"),
        ("query.order_by(a)", "query"),
        ("a if f(b) else c", "a if (not (f(b))) else c"),
        ("sorted(a, key=lambda each: (-each.x, each.y))", "sorted(a, key=lambda each: (each.y, -each.x))"),
        ("[*a, *b]", "[*b, *a]"),
    ],
)
def test_each_fault_is_made(before: str, after: str) -> None:
    assert (f"return {before}", f"return {after}") in changes(f"def f(a, b):\n    return {before}\n")


def test_texts_tables_annotations_and_bodies_of_classes_stay() -> None:
    changed = {before for before, _ in changes(SOURCE)}
    assert changed == {
        "LIMIT = 3",
        "def is_over(count: int, least: int = 0) -> bool:",
        "return count > LIMIT and count >= least",
        "return 2 * count",
        "return min(4, 5)",
    }


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ModuleType]:
    """The module, loaded under a name of the program's."""
    loaded = ModuleType("digest.made_for_a_test")
    loaded.__file__ = str(tmp_path / "made_for_a_test.py")
    sys.modules[loaded.__name__] = loaded
    exec(compile(SOURCE, loaded.__file__, "exec"), vars(loaded))  # noqa: S102 - the text above
    yield loaded
    del sys.modules[loaded.__name__]


def put(module: ModuleType, before: str, after: str) -> None:
    (mutation,) = [each for each in find_mutations(SOURCE) if each.shown(SOURCE) == (before, after)]
    put_in(module, SOURCE, mutation)


def test_a_function_that_somebody_holds_gets_the_change(module: ModuleType) -> None:
    held = module.is_over
    put(module, "return count > LIMIT and count >= least", "return count >= LIMIT and count >= least")
    assert held(3)


def test_a_constant_and_a_default_change_where_they_are_used(module: ModuleType) -> None:
    held = module.is_over
    put(module, "LIMIT = 3", "LIMIT = 4")
    assert (held(4), module.LIMIT) == (False, 4)
    put(
        module,
        "def is_over(count: int, least: int = 0) -> bool:",
        "def is_over(count: int, least: int = 1) -> bool:",
    )
    assert held.__defaults__ == (1,)


def test_what_a_function_remembers_is_forgotten_and_methods_change_too(module: ModuleType) -> None:
    assert module.doubled(3) == module.DOUBLES[3] == 6
    put(module, "return 2 * count", "return 3 * count")
    assert module.doubled(3) == module.DOUBLES[3] == 9
    put(module, "return min(4, 5)", "return max(4, 5)")
    assert module.Box().first == 5


def test_a_change_that_finds_no_place_is_no_result(module: ModuleType) -> None:
    del module.is_over
    with pytest.raises(NotAppliedError):
        put(module, "return count > LIMIT and count >= least", "return count > LIMIT or count >= least")


def test_an_equivalent_mutant_is_not_counted_and_an_untested_one_is(tmp_path: Path) -> None:
    def result(after: str, fate: Fate) -> Result:
        return Result(1, "f", "before", after, 0, fate)

    results = ModuleResults("digest/a.py", "hash", {}, [
        result("a", Fate.KILLED), result("b", Fate.TIMEOUT), result("c", Fate.SURVIVED),
        result("d", Fate.UNTESTED), result("e", Fate.NOT_APPLIED),
    ])  # fmt: skip
    score = kept.score(results, {("digest/a.py", "before", "c"): "it means the same"})
    assert (score.mutants, score.killed, score.equivalent) == (3, 2, 1)
    assert [each.after for each in score.survivors] == ["d"]


def test_results_are_kept_until_the_module_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    source = tmp_path / "module.py"
    source.write_text("LIMIT = 1\n")
    results = kept.load(str(source))
    results.results.append(
        Result(1, "", "LIMIT = 1", "LIMIT = 2", 8, Fate.KILLED, "tests/test_a.py::test_a", 3)
    )
    kept.save(results)
    assert kept.load(str(source)) == results
    source.write_text("LIMIT = 2\n")
    assert kept.load(str(source)).results == []


def test_what_no_test_runs_is_tried_again_and_what_a_test_killed_is_not() -> None:
    results = ModuleResults("digest/module.py", "hash", {__file__: kept.content_hash(Path(__file__))})
    for line, fate in enumerate((Fate.KILLED, Fate.SURVIVED, Fate.UNTESTED)):
        results.results.append(Result(line, "", "a", "b", line, fate, f"{__file__}::test"))
    known = _still_known(results, dict(results.test_hashes))
    assert {each.fate for each in known.values()} == {Fate.KILLED, Fate.SURVIVED}
    known = _still_known(results, {**results.test_hashes, "tests/new.py": "hash"})
    assert {each.fate for each in known.values()} == {Fate.KILLED}


def test_every_equivalent_mutant_has_a_reason_and_a_line_that_exists() -> None:
    for (path, before, after), reason in kept.equivalents().items():
        assert reason.endswith(".")
        assert before in " ".join(Path(path).read_text().split()), path
        assert before != after


def test_quick_tests_run_even_if_slow_ones_of_other_lines_take_most_of_the_time() -> None:
    alike, seconds = frozenset({1, 2}), {f"quick {number}": 0.01 for number in range(90)}
    lines_of_tests = dict.fromkeys(seconds, alike)
    for number in range(3):
        lines_of_tests[f"slow {number}"] = frozenset({1, 3 + number})
        seconds[f"slow {number}"] = 1.4
    chosen = choose_tests(lines_of_tests, seconds)
    assert set(chosen) == lines_of_tests.keys() - {"slow 2"}
    assert chosen.index("slow 0") < chosen.index("quick 9")  # other lines come before the same lines again
    assert sum(seconds[name] for name in chosen) < MAX_MUTANT_SECONDS + seconds["slow 1"]


def baseline_of_names(max_seconds: float = MAX_MUTANT_SECONDS) -> tuple[Baseline, Path]:
    """Three tests of a second each use a module; one of them runs its line 24. And that module's path."""
    words, users = (Path(f"digest/sources/pure/naming/{name}.py") for name in ("name_words", "source_name"))
    assert callable(name_source)  # the module is loaded
    baseline = Baseline([words, users], lambda _: None, max_seconds)
    names = ("first", "second", "third")
    baseline._by_module = {
        words: {"third": frozenset({24})},
        users: dict.fromkeys(names, frozenset({50})),
    }
    baseline._seconds = dict.fromkeys(names, 1.0)
    baseline._items = {name: name for name in names}  # type: ignore[misc]
    return baseline, words


def test_what_is_read_once_is_tried_by_its_tests_and_then_by_those_of_the_modules_that_use_it() -> None:
    baseline, path = baseline_of_names()
    mutation = Mutation(0, 1, "x", Place.BODY, "name_words", (24,))
    assert [str(each) for each in baseline.tests_of(path, mutation)] == ["third", "first", "second"]


def test_the_tests_of_a_mutant_have_the_time_that_is_given() -> None:
    mutation = Mutation(0, 1, "x", Place.BODY, "name_words", (24,))
    for max_seconds, count in ((0.3, 0), (0.5, 2), (3.0, 3)):
        baseline, path = baseline_of_names(max_seconds)
        assert len(baseline.tests_of(path, mutation)) == count
