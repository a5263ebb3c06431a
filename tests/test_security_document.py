"""docs/security.md: each requirement stands in it once, and the modules and tests that it names exist."""

import re
from collections import Counter
from pathlib import Path

from digest.project_files import ROOT

DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| (.*) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
MODULE = re.compile(r"`(digest/[\w/.]+)`")
STATES = {"holds", "does not apply", "does not hold"}
# The highest number of levels 1 and 2 in each section. What a section skips is of level 3, or was removed.
LAST_NUMBERS = {
    "2.1": 12, "2.2": 3, "2.3": 3, "2.4": 5, "2.5": 7, "2.6": 3, "2.7": 6, "2.8": 7, "2.9": 3, "2.10": 4,
    "3.1": 1, "3.2": 4, "3.3": 4, "3.4": 5, "3.5": 3, "3.7": 1, "4.1": 5, "4.2": 2, "4.3": 3,
    "5.1": 5, "5.2": 8, "5.3": 10, "5.4": 3, "5.5": 4, "7.1": 4, "7.2": 2, "7.3": 4, "7.4": 3,
    "8.1": 4, "8.2": 3, "8.3": 8, "9.1": 3, "9.2": 4, "11.1": 8,
    "12.1": 3, "12.2": 1, "12.3": 6, "12.4": 2, "12.5": 2, "12.6": 1,
    "13.1": 5, "13.2": 6, "13.3": 2, "13.4": 2, "14.1": 4, "14.2": 6, "14.3": 3, "14.4": 7, "14.5": 4,
}  # fmt: skip
SKIPPED = {"4.1.4", "7.3.2", "13.1.2", "13.2.4", "14.3.1"}


def rows() -> list[tuple[str, str, str, str]]:
    """Number, words, state and evidence of each requirement."""
    return ROW.findall(DOCUMENT)


def test_each_requirement_of_level_2_stands_there_once() -> None:
    expected = {
        f"{section}.{number}" for section, last in LAST_NUMBERS.items() for number in range(1, last + 1)
    }
    counts = Counter(number for number, _, _, _ in rows())
    assert set(counts) == expected - SKIPPED
    assert set(counts.values()) == {1}


def test_what_holds_names_a_module_and_a_test_and_all_else_a_reason() -> None:
    for number, words, state, evidence in rows():
        assert words.strip(), number
        assert state in STATES, number
        if state == "holds":
            assert MODULE.search(evidence), f"{number} names no module"
            assert TEST.search(evidence), f"{number} names no test"
        else:
            assert len(evidence) > 5, f"{number} has no reason"


def test_the_numbers_in_the_text_are_those_of_the_table() -> None:
    counts = Counter(state for _, _, state, _ in rows())
    text = " ".join(DOCUMENT.split())
    assert f"{len(rows())} requirements" in text
    assert (
        f"{counts['holds']} hold, {counts['does not apply']} do not apply, {counts['does not hold']} do not"
        in text
    )


def test_every_module_that_it_names_exists() -> None:
    named = set(MODULE.findall(DOCUMENT))
    assert len(named) > 40
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_test_that_it_names_exists() -> None:
    named = set(TEST.findall(DOCUMENT))
    assert len(named) > 90
    assert {f"{path}::{name}" for path, name in named if not exists(ROOT / path, name)} == set()


def test_a_test_that_does_not_exist_is_noticed() -> None:
    assert exists(Path(__file__), "test_a_test_that_does_not_exist_is_noticed")
    assert not exists(Path(__file__), "test_a_test_that_does_not")
    assert not exists(ROOT / "tests" / "test_nothing.py", "")


def exists(path: Path, name: str) -> bool:
    """Whether a file of tests exists, and has the test of this name if there is one."""
    if not path.is_file():
        return False
    return (
        not name
        or re.search(rf"^(?:async )?def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE) is not None
    )
