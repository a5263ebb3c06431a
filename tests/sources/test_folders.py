"""Folders of sources: their names, moving sources, renaming, and taking both back."""

import pytest

from digest.database import Database
from digest.errors import InvalidInputError, NotFoundError
from digest.sources import folder_moves, source_list
from digest.sources.pure.folders import MAX_NAME_LENGTH, count_folders, is_in, parse_folder, parse_name
from digest.sources.store import sources
from tests.conftest import NOON


def add_sources(db: Database, **folders: str) -> dict[str, int]:
    """The ids of sources by their names, each in the folder that is given for it."""
    with db.begin() as tx:
        return {
            name: sources.add(tx, f"https://{name}.example/", name, NOON, folder=folder).id
            for name, folder in folders.items()
        }


def folders(db: Database) -> dict[str, str]:
    with db.read() as tx:
        return {row.title: row.folder for row in sources.all_sources(tx)}


@pytest.mark.parametrize(
    ("typed", "path"),
    [("", ""), (" / ", ""), (" Asia ", "Asia"), ("/Asia//Central/", "Asia/Central"), ("A\tB\nC", "A B C")],
)
def test_a_typed_folder_is_tidied(typed: str, path: str) -> None:
    assert parse_folder(typed) == path


@pytest.mark.parametrize("typed", ["x" * (MAX_NAME_LENGTH + 1), "a/b/c/d/e/f", "a/" + "b" * 61])
def test_a_folder_that_is_too_long_or_deep_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_folder(typed)


def test_a_name_is_needed_where_a_folder_is_named() -> None:
    with pytest.raises(InvalidInputError, match="name of a folder"):
        parse_name(" / ")


def test_a_folder_counts_what_is_in_the_folders_in_it() -> None:
    counts = count_folders({"": 4, "Asia/Central": 2, "Asia": 1, "Asia Minor": 1, "Africa/East/Coast": 3})
    assert list(counts.items()) == [
        ("Africa", 3), ("Africa/East", 3), ("Africa/East/Coast", 3), ("Asia", 3), ("Asia/Central", 2),
        ("Asia Minor", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "choice", "expected"),
    [
        ("Asia/Central", "", True), ("Asia/Central", "Asia", True), ("Asia", "Asia", True),
        ("Asia Minor", "Asia", False),
        ("Asia", "Asia/Central", False), ("", "/", True), ("Asia", "/", False), ("", "", True),
    ],
)  # fmt: skip
def test_a_filter_takes_a_folder_with_those_in_it(path: str, choice: str, expected: bool) -> None:
    assert is_in(path, choice) is expected


def test_moved_sources_go_back_to_where_each_was(db: Database) -> None:
    ids = add_sources(db, a="Asia", b="", c="Europe", d="Asia")
    done = folder_moves.move(db, [ids["a"], ids["b"], ids["c"]], " Europe ")
    assert (done.folder, done.moved) == ("Europe", 2)
    assert folders(db) == {"a": "Europe", "b": "Europe", "c": "Europe", "d": "Asia"}
    assert folder_moves.take_back(db, done.move_id) == 2
    assert folders(db) == {"a": "Asia", "b": "", "c": "Europe", "d": "Asia"}
    assert folder_moves.take_back(db, done.move_id) == 0


def test_what_was_moved_again_meanwhile_stays_there(db: Database) -> None:
    ids = add_sources(db, a="Asia", b="Asia", c="Asia")
    first = folder_moves.move(db, ids.values(), "Europe")
    folder_moves.move(db, [ids["b"]], "Africa")
    with db.begin() as tx:
        row = sources.by_id(tx, ids["c"])
        details = {
            name: getattr(row, name) for name in ("title", "home", "attribution", "excerpt_length", "weight")
        }
        sources.update_details(tx, ids["c"], folder="Oceania", **details)
    assert folder_moves.take_back(db, first.move_id) == 1
    assert folders(db) == {"a": "Asia", "b": "Africa", "c": "Oceania"}


def test_no_id_of_a_move_takes_nothing_back(db: Database) -> None:
    add_sources(db, a="Asia")
    assert folder_moves.take_back(db, "") == 0
    assert folders(db) == {"a": "Asia"}


def test_a_renamed_folder_keeps_what_is_in_it_and_touches_no_other(db: Database) -> None:
    add_sources(db, a="Asia", b="Asia/Central", c="Asia Minor", d="asia/Central", e="Asi_/Central", f="")
    done = folder_moves.rename(db, "Asia", "The East")
    assert done.moved == 2
    assert folders(db) == {
        "a": "The East", "b": "The East/Central", "c": "Asia Minor", "d": "asia/Central", "e": "Asi_/Central", "f": "",
    }  # fmt: skip
    folder_moves.take_back(db, done.move_id)
    assert (folders(db)["a"], folders(db)["b"]) == ("Asia", "Asia/Central")


def test_folders_that_became_one_are_two_again_when_it_is_taken_back(db: Database) -> None:
    add_sources(db, a="Asia", b="East", c="East/Far")
    done = folder_moves.rename(db, "East", "Asia")
    assert folders(db) == {"a": "Asia", "b": "Asia", "c": "Asia/Far"}
    folder_moves.take_back(db, done.move_id)
    assert folders(db) == {"a": "Asia", "b": "East", "c": "East/Far"}


def test_a_folder_is_renamed_only_to_what_fits(db: Database) -> None:
    add_sources(db, a="Asia", b="Asia/b/c/d/e")
    for new, error in (("", "name of a folder"), ("x/Asia", "5 deep"), ("x" * 61, "too long")):
        with pytest.raises(InvalidInputError, match=error):
            folder_moves.rename(db, "Asia", new)
    with pytest.raises(NotFoundError, match='no folder "As"'):
        folder_moves.rename(db, "As", "Asia")
    assert folders(db) == {"a": "Asia", "b": "Asia/b/c/d/e"}


def test_moving_nothing_is_refused(db: Database) -> None:
    with pytest.raises(InvalidInputError, match="Tick sources first"):
        folder_moves.move(db, [], "Asia")


LIST = b"""<opml><body>
  <outline text="Asia"><outline text="Central">
    <outline text="A" xmlUrl="https://a.example/" home="KZ"/></outline></outline>
  <outline text="B" xmlUrl="https://b.example/" home="XX"/>
  <outline text="Europe">
    <outline text="again" xmlUrl="https://a.example/#top"/><outline text="D" xmlUrl="ftp://d.example/"/>
    <outline text="a private one" type="link" url="https://p.example/list" datelineKind="page"/></outline>
</body></opml>"""


def test_a_list_keeps_its_folders_in_and_out(db: Database) -> None:
    with db.begin() as tx:
        sources.add(tx, "https://b.example/", "b", NOON, folder="Mine")
    result = source_list.import_opml(db, LIST, NOON, countries={"KZ"})
    assert (result.added, result.already_present, result.skipped, result.repeated) == (2, 1, 1, 1)
    before = folders(db)
    assert before == {"A": "Asia/Central", "b": "Mine", "a private one": "Europe"}
    exported = source_list.export_opml(db, "Mine")
    with db.begin() as tx:
        homes = {row.title: row.home for row in sources.all_sources(tx)}
        for row in sources.all_sources(tx):
            sources.delete_source(tx, row.id)
    assert homes == {"A": "KZ", "b": "", "a private one": ""}
    assert source_list.import_opml(db, exported, NOON, countries={"KZ"}).added == 3
    assert folders(db) == before
