"""What became of each mutant, kept in a file of each module, so that a run can be continued."""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = Path("build/mutants")


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"  # a test failed
    TIMEOUT = "timeout"  # a test did not end; counts as killed
    SURVIVED = "survived"
    UNTESTED = "untested"  # no test runs the line; counts as survived
    NOT_APPLIED = "not applied"  # could not be put in; is not counted


@dataclass(frozen=True, slots=True)
class Result:
    """One mutant, by its change, and the test that killed it, or how many let it live."""

    line: int
    scope: str
    before: str
    after: str
    offset: int
    fate: Fate
    test: str = ""
    tests: int = 0


@dataclass(slots=True)
class ModuleResults:
    """The results of one module, with what they depend on."""

    path: str
    source_hash: str
    test_hashes: dict[str, str] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)


def content_hash(path: Path) -> str:
    """A short hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _file(path: str) -> Path:
    return FOLDER / (path.removesuffix(".py").replace("/", ".") + ".json")


def load(path: str) -> ModuleResults:
    """The results of a module so far; none if the module has changed."""
    empty = ModuleResults(path, content_hash(Path(path)))
    if not _file(path).exists():
        return empty
    stored = json.loads(_file(path).read_text())
    if stored["source_hash"] != empty.source_hash:
        return empty
    results = [Result(**{**each, "fate": Fate(each["fate"])}) for each in stored["results"]]
    return ModuleResults(path, empty.source_hash, stored["test_hashes"], results)


def save(results: ModuleResults) -> None:
    """Store the results of a module, all or nothing."""
    target = _file(results.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(results), indent=0))
    partial.replace(target)


def equivalents() -> Mapping[tuple[str, str, str], str]:
    """Why a mutant cannot be noticed, by module, and the line before and after."""
    stored = tomllib.loads((HERE / "equivalent.toml").read_text())
    return {
        (each["module"], each["before"], each["after"]): each["reason"] for each in stored.get("mutant", [])
    }


@dataclass(frozen=True, slots=True)
class Score:
    """The counts of a module's mutants."""

    path: str
    mutants: int
    killed: int
    equivalent: int
    survivors: Sequence[Result]

    @property
    def percent(self) -> float:
        """The share of mutants that were noticed; 100 if there are none."""
        return 100 * self.killed / self.mutants if self.mutants else 100.0


def score(results: ModuleResults, reasons: Mapping[tuple[str, str, str], str]) -> Score:
    """Count a module's results. Equivalent mutants that survived are left out."""
    counted = [each for each in results.results if each.fate is not Fate.NOT_APPLIED]
    killed = sum(each.fate in (Fate.KILLED, Fate.TIMEOUT) for each in counted)
    alive = [each for each in counted if each.fate in (Fate.SURVIVED, Fate.UNTESTED)]
    survivors = [each for each in alive if (results.path, each.before, each.after) not in reasons]
    return Score(results.path, killed + len(survivors), killed, len(alive) - len(survivors), survivors)


def total(scores: Iterable[Score]) -> Score:
    """All modules together."""
    scores = list(scores)
    return Score(
        "all modules together",
        sum(each.mutants for each in scores),
        sum(each.killed for each in scores),
        sum(each.equivalent for each in scores),
        [],
    )
