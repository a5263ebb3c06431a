"""Data files have one entry a line, so that a change of one entry changes one line."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.diffable_json import MAX_LINE_LENGTH, json_lines

ROOT = Path(__file__).resolve().parents[2]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_the_text_reads_back_as_the_same_value(value: object) -> None:
    assert json.loads(json_lines(value)) == value


def test_a_value_that_fits_on_a_line_stands_on_one_line() -> None:
    value = {"short": ["a", "b"], "long": ["x" * MAX_LINE_LENGTH, "y"]}
    assert json_lines(value).splitlines() == [
        "{",
        '"short":["a","b"],',
        '"long":[',
        f'"{"x" * MAX_LINE_LENGTH}",',
        '"y"',
        "]",
        "}",
    ]


@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / "digest/regions/data").glob("*.json")), ROOT / "digest/sources/data/calendar.json"],
    ids=lambda path: path.name,
)
def test_the_data_files_have_this_format(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == json_lines(json.loads(text))
