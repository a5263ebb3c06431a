"""Mutation testing: makes one small fault at a time in each module that decides, and looks whether a test fails.

Not a part of `make check`: it takes an hour or two. Results are kept below build/mutants. The next run continues, and
asks again only about what has changed: a module, or the tests of a mutant that survived.
"""

import argparse
import os
import random
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutants import results as kept
from tools.mutants.finding import find_mutations
from tools.mutants.mutations import Mutation
from tools.mutants.report import print_report
from tools.mutants.results import Fate, ModuleResults, Result
from tools.mutants.session import Baseline, run_all, run_pytest

SAVE_AFTER = 10  # results


@dataclass(frozen=True, slots=True)
class Group:
    """Modules and their tests, which are loaded once for all of them."""

    name: str
    modules: tuple[Path, ...]
    tests: tuple[str, ...]


def read_groups(wanted: Sequence[str]) -> list[Group]:
    """The groups with the modules that are wanted: groups by name, else by a part of a path; all if nothing is.

    A module is in one group.
    """
    table = tomllib.loads((kept.HERE / "groups.toml").read_text())
    parts_of_paths = [each for each in wanted if each not in table]
    groups, seen = [], set[Path]()
    for name, group in table.items():
        modules = [path for each in group["modules"] for path in _modules_at(Path(each)) if path not in seen]
        seen.update(modules)
        if wanted and name not in wanted:
            modules = [path for path in modules if any(part in str(path) for part in parts_of_paths)]
        if modules:
            left_out = (f"--ignore={each}" for each in group.get("without", ()))
            groups.append(Group(name, tuple(modules), (*group["tests"], *left_out)))
    return groups


def _modules_at(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(each for each in path.rglob("*.py") if each.name != "__init__.py")


def sampled(path: Path, source: str, options: argparse.Namespace) -> list[Mutation]:
    """A module's mutations; a sample of them where there are many, which the seed and the module decide."""
    mutations = find_mutations(source)
    if len(mutations) <= options.sample:
        return mutations
    chosen = random.Random(f"{options.seed} {path}").sample(mutations, options.sample)  # noqa: S311 - a sample
    return sorted(chosen, key=lambda mutation: mutation.start)


def run_module(path: Path, baseline: Baseline, options: argparse.Namespace) -> None:
    """Run a module's mutants whose fate is not known, and keep the results."""
    source = path.read_text()
    results = kept.load(str(path))
    hashes = {name: kept.content_hash(Path(name)) for name in sorted(baseline.files_of(path))}
    known = {} if options.fresh else _still_known(results, hashes)
    mutations = sampled(path, source, options)
    results.results = [known[key] for each in mutations if (key := _key(source, each)) in known]
    results.test_hashes |= hashes
    left = [each for each in mutations if _key(source, each) not in known]
    for number, (mutation, found) in enumerate(
        run_all(path, source, left, baseline, options.workers), start=1
    ):
        results.results.append(_result(source, mutation, found))
        if number % SAVE_AFTER == 0:
            kept.save(results)
    kept.save(results)
    survivors = sum(each.fate in (Fate.SURVIVED, Fate.UNTESTED) for each in results.results)
    print(f"{path}: {len(results.results)} mutants, {len(left)} run now, {survivors} survived", flush=True)


def _still_known(results: ModuleResults, hashes: dict[str, str]) -> dict[tuple[str, ...], Result]:
    """The results that hold: what a test killed while its file is the same, all others while no test has changed.

    What no test runs is tried each time, because it costs nothing until one does.
    """
    before = results.test_hashes
    same = {
        name for name, old in before.items() if Path(name).exists() and kept.content_hash(Path(name)) == old
    }
    has_new_tests = any(before.get(name) != new for name, new in hashes.items())
    return {
        _result_key(each): each
        for each in results.results
        if each.fate is not Fate.UNTESTED
        and (not has_new_tests or (each.fate is Fate.KILLED and each.test.split("::")[0] in same))
    }


def _key(source: str, mutation: Mutation) -> tuple[str, ...]:
    before, after = mutation.shown(source)
    return str(mutation.line_number(source)), str(mutation.start), before, after


def _result_key(result: Result) -> tuple[str, ...]:
    return str(result.line), str(result.offset), result.before, result.after


def _result(source: str, mutation: Mutation, found: tuple[Fate, str, int]) -> Result:
    before, after = mutation.shown(source)
    fate, test, tests = found
    line = mutation.line_number(source)
    return Result(line, mutation.scope, before, after, mutation.start, fate, test, tests)


def run_group(group: Group, options: argparse.Namespace) -> None:
    """Run a group's tests and mutants in a process of its own, so that groups do not load each other's modules."""
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        if status:
            raise SystemExit(f"The mutants of {group.name} could not be run.")
        return

    def job(baseline: Baseline) -> None:
        for path in group.modules:
            run_module(path, baseline, options)

    status = 1
    try:
        problems = run_pytest(options.tests or group.tests, group.modules, job, options.seconds)
        for name in problems:
            print(f"left out, because it fails without any mutant: {name}", file=sys.stderr)
        status = 0
    finally:
        sys.stdout.flush()
        os._exit(status)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="groups of groups.toml, or parts of paths; all by default")
    parser.add_argument("--sample", type=int, default=60, help="mutants of a module at most (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which of them (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="mutants at a time (%(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=3, help="processor time of a mutant's tests (%(default)s)"
    )
    parser.add_argument("--bound", type=float, default=92, help="percent of all mutants that must be killed")
    parser.add_argument("--lowest", type=float, default=85, help="percent that must be killed of each module")
    parser.add_argument("--tests", nargs="+", help="run these test files instead of those of groups.toml")
    parser.add_argument("--fresh", action="store_true", help="run mutants again whose fate is known")
    parser.add_argument("--report", action="store_true", help="run nothing; show what is known")
    options = parser.parse_args()
    groups = read_groups(options.modules)
    if not groups:
        parser.error(f"No module matches {' '.join(options.modules)!r} (example: mail, or mail/pure/pacing).")
    if not options.report:
        for group in groups:
            run_group(group, options)
    paths = [str(path) for group in groups for path in group.modules]
    if not print_report(paths, bound=options.bound, lowest=options.lowest):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
