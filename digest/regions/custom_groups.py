"""What editors change of the region tree, and how every process comes to know of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from digest.database import Database, Tx
from digest.errors import ConflictError, NotFoundError
from digest.regions import store
from digest.regions.tree.groups import Group, bundled_groups, checked
from digest.regions.tree.region_tree import RegionTree


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes something, and when."""

    email: str
    now: datetime


def refresh(db: Database, tree: RegionTree) -> None:
    """Bring the tree of this process up to what editors made of it; one small query when nothing has changed."""
    with db.read() as tx:
        _load(tx, tree)


def add(db: Database, tree: RegionTree, group: Group, editor: Editor) -> None:
    """Make a group. Raises InvalidGroupError, also when another region has its slug."""

    def change(tx: Tx) -> None:
        checked(group, parents=parents(tree), taken=_slugs(tree), countries=_countries(tree))
        store.write(tx, group, None, by=editor.email, now=editor.now)

    _change(db, tree, change)


def define(db: Database, tree: RegionTree, group: Group, editor: Editor) -> None:
    """Change a group. Raises InvalidGroupError, and NotFoundError when there is none of its slug."""

    def change(tx: Tx) -> None:
        before = tree.group(group.slug)
        wanted = replace(group, retired=before.retired)
        checked(wanted, parents=parents(tree), taken=(), countries=_countries(tree))
        store.write(tx, wanted, before, by=editor.email, now=editor.now)

    _change(db, tree, change)


def retire(db: Database, tree: RegionTree, slug: str, editor: Editor, *, retired: bool = True) -> None:
    """Take a group off the forms, or put it back. Readers who have it keep it: their preferences name it."""

    def change(tx: Tx) -> None:
        before = tree.group(slug)
        store.write(tx, replace(before, retired=retired), before, by=editor.email, now=editor.now)

    _change(db, tree, change)


def undo(db: Database, tree: RegionTree, slug: str, editor: Editor) -> None:
    """Take the last change of a group back; done twice, the change is there again."""

    def change(tx: Tx) -> None:
        row = store.row(tx, slug)
        before = store.previous(row) if row else None
        if before is None:
            raise ConflictError(f'There is no change of "{slug[:40]}" to take back.')
        store.write(tx, before, tree.group(slug), by=editor.email, now=editor.now)

    _change(db, tree, change)


def set_back(db: Database, tree: RegionTree, slug: str) -> None:
    """Make a group again what it is in the program. Raises NotFoundError for one that doesn't come with it."""

    def change(tx: Tx) -> None:
        if slug not in bundled_groups():
            raise NotFoundError(
                f'"{slug[:40]}" does not come with the program, so there is nothing to set it back to.'
            )
        store.forget(tx, slug)

    _change(db, tree, change)


def parents(tree: RegionTree) -> tuple[str, ...]:
    """The regions that groups may hang under: the world and its continents."""
    return tuple(region.slug for region in tree.all() if region.kind in ("world", "continent"))


def _change(db: Database, tree: RegionTree, change: Callable[[Tx], None]) -> None:
    with db.begin() as tx:
        store.one_at_a_time(tx)
        _load(tx, tree)
        change(tx)
        store.count_up(tx)
    refresh(db, tree)


def _load(tx: Tx, tree: RegionTree) -> None:
    version = store.version(tx)
    if version != tree.shape.version:
        tree.replace(store.changed(tx), version)


def _slugs(tree: RegionTree) -> list[str]:
    return [region.slug for region in tree.all()]


def _countries(tree: RegionTree) -> frozenset[str]:
    return tree.get("world").countries
