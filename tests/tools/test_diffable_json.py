"""Data files are written one entry a line, so that a change of one entry changes one line."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.diffable_json import WIDEST, json_lines

ROOT = Path(__file__).resolve().parents[2]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_the_text_reads_back_as_the_same_value(value: object) -> None:
    assert json.loads(json_lines(value)) == value


def test_what_fits_on_a_line_stands_on_one() -> None:
    value = {"short": ["a", "b"], "long": ["x" * WIDEST, "y"]}
    assert json_lines(value).splitlines() == [
        "{",
        '"short":["a","b"],',
        '"long":[',
        f'"{"x" * WIDEST}",',
        '"y"',
        "]",
        "}",
    ]


@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / "digest/regions/data").glob("*.json")), ROOT / "digest/sources/data/calendar.json"],
    ids=lambda path: path.name,
)
def test_the_built_files_are_written_this_way(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == json_lines(json.loads(text))
