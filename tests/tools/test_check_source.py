"""The checks of the source find what they are for."""

import ast
from pathlib import Path

import pytest

from tools import check_source
from tools.check_source import (
    bare_states,
    documents,
    long_file,
    long_functions,
    missing_files,
    private_names,
    repeated_names,
    state_values,
    unhashable_dataclasses,
)


def test_the_stored_states_are_known() -> None:
    assert {"paused", "in_doubt", "suppressed", "freezing", "dropped"} <= state_values()


@pytest.mark.parametrize(
    "code",
    [
        "edition.state == 'paused'",
        "edition.state in ('sent', 'paused')",
        "set_state(tx, 1, only_from=['paused'])",
        "update(Edition).values(state='paused')",
        "row = {'state': 'paused'}",
        "edition.state = 'paused'",
        "Edition.state.in_(('paused',))",
        "match state:\n    case 'paused': pass",
    ],
)
def test_a_state_that_is_spelled_as_text_is_found(code: str) -> None:
    assert (1 if "\n" not in code else 2, "paused") in set(bare_states(ast.parse(code), state_values()))


@pytest.mark.parametrize("code", ["label = 'paused'", "edition.state == EditionState.PAUSED", "_('paused')"])
def test_other_texts_are_left_alone(code: str) -> None:
    assert list(bare_states(ast.parse(code), state_values())) == []


def test_a_variable_that_says_nothing_is_found() -> None:
    assert list(private_names(ast.parse("told = 1\nprint(told)"))) == [(1, "told")]


@pytest.mark.parametrize("decorator", ["dataclass", "dataclass(slots=True)", "dataclass(eq=True)"])
def test_a_dataclass_without_a_hash_is_found(decorator: str) -> None:
    code = f"@{decorator}\nclass Claimed:\n    x: int"
    assert list(unhashable_dataclasses(ast.parse(code))) == [(2, "Claimed")]


@pytest.mark.parametrize("decorator", ["dataclass(frozen=True)", "dataclass(eq=False)", "final"])
def test_a_class_with_a_hash_is_left_alone(decorator: str) -> None:
    assert list(unhashable_dataclasses(ast.parse(f"@{decorator}\nclass Claimed:\n    x: int"))) == []


def test_a_long_function_is_found() -> None:
    code = "def f():\n" + "    x = 1\n" * 41
    assert list(long_functions(ast.parse(code))) == [(1, "f (42 lines)")]


def test_a_long_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_source, "ROOT", tmp_path)
    path = tmp_path / "long.py"
    path.write_text("x = 1\n" * 300)
    assert list(long_file(path)) == []
    path.write_text("x = 1\n" * 301)
    assert list(long_file(path)) == ["long.py: 301 lines; split it (at most 300)"]


def test_two_classes_of_one_name_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_source, "PACKAGE", tmp_path)
    monkeypatch.setattr(check_source, "ROOT", tmp_path)
    paths = [tmp_path / "mail" / "first.py", tmp_path / "sources" / "second.py"]
    for path in paths:
        path.parent.mkdir()
        path.write_text("class Result:\n    pass\n")
    assert list(repeated_names(paths)) == [
        "two things are a class named Result: mail/first.py, sources/second.py"
    ]


def test_a_document_names_only_files_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_source, "ROOT", tmp_path)
    (tmp_path / "digest").mkdir()
    (tmp_path / "digest" / "here.py").touch()
    document = tmp_path / "README.md"
    document.write_text("`digest/here.py` and `digest/here.py::main`\n`digest/` and `digest/gone.py`\n")
    assert list(missing_files(document)) == ["README.md:2: digest/gone.py is not there; was it renamed?"]


def test_decisions_may_name_what_was_there_on_their_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_source, "ROOT", tmp_path)
    decisions = tmp_path / "docs" / "decisions"
    decisions.mkdir(parents=True)
    for path in (decisions / "0001-names.md", tmp_path / "docs" / "operations.md", tmp_path / "CHANGELOG.md"):
        path.touch()
    assert documents() == [tmp_path / "docs" / "operations.md"]
