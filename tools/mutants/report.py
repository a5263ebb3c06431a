"""The table of all modules, and the mutants that survived, as differences."""

from collections.abc import Sequence

from tools.mutants import results as kept
from tools.mutants.results import Fate, ModuleResults, Result, Score


def print_report(paths: Sequence[str], *, bound: float, lowest: float) -> bool:
    """Print what is known of these modules; whether all of it is good enough."""
    reasons = kept.equivalents()
    scores = [kept.score(kept.load(path), reasons) for path in paths]
    for path in paths:
        _print_not_applied(kept.load(path))
    for score in scores:
        for result in sorted(score.survivors, key=lambda each: each.offset):
            print(_difference(score.path, result))
    print(f"{'module':60} {'mutants':>8} {'killed':>8} {'survived':>8} {'equivalent':>10} {'score':>8}")
    everything = kept.total(scores)
    for score in (*scores, everything):
        print(_row(score))
    low = [score.path for score in scores if score.percent < lowest]
    if low:
        print(f"below {lowest:g} %: {', '.join(low)}")
    if everything.percent < bound:
        print(f"below {bound:g} % together")
    return not low and everything.percent >= bound


def _print_not_applied(results: ModuleResults) -> None:
    for result in results.results:
        if result.fate is Fate.NOT_APPLIED:
            print(f"not applied: {results.path}:{result.line} {result.before} {result.test.strip()}")


def _row(score: Score) -> str:
    survived = score.mutants - score.killed
    numbers = f"{score.mutants:8} {score.killed:8} {survived:8} {score.equivalent:10} {score.percent:7.1f}%"
    return f"{score.path.removeprefix('digest/').removesuffix('.py'):60} {numbers}"


def _difference(path: str, result: Result) -> str:
    tests = "no test runs the line" if result.fate is Fate.UNTESTED else f"{result.tests} tests passed"
    return f"{path}:{result.line} {result.scope} ({tests})\n- {result.before}\n+ {result.after}\n"
