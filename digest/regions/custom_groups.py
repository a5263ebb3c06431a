"""Editors' changes to the named groups, and how every process learns of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from digest.database import Database, Tx
from digest.errors import ConflictError, NewsroomText, NotFoundError
from digest.regions.store import groups as store
from digest.regions.tree.groups import CountryGroup, bundled_groups, validate_group
from digest.regions.tree.region_tree import RegionTree


@dataclass(frozen=True, slots=True)
class ChangeAuthor:
    """The editor who makes a change, and the time of the change."""

    email: str
    at: datetime


def refresh(db: Database, tree: RegionTree) -> None:
    """Load editors' changes into the tree of this process. One small query if nothing has changed."""
    with db.read() as tx:
        _load(tx, tree)


def add(db: Database, tree: RegionTree, group: CountryGroup, author: ChangeAuthor) -> None:
    """Add a group. Raises InvalidGroupError if the group is invalid or its slug is taken."""

    def change(tx: Tx) -> None:
        validate_group(
            group, parents=allowed_parents(tree), other_slugs=_slugs(tree), countries=_countries(tree)
        )
        store.write(tx, group, None, by=author.email, now=author.at)

    _change(db, tree, change)


def update(
    db: Database,
    tree: RegionTree,
    slug: str,
    decide: Callable[[CountryGroup], CountryGroup],
    author: ChangeAuthor,
) -> None:
    """Change a group to what `decide` makes of it; its slug and its `retired` flag are kept.

    Raises InvalidGroupError, NotFoundError for an unknown slug, and what `decide` raises, with nothing changed.
    """

    def change(tx: Tx) -> None:
        before = tree.group(slug)
        after = replace(decide(before), slug=slug, retired=before.retired)
        validate_group(after, parents=allowed_parents(tree), other_slugs=None, countries=_countries(tree))
        store.write(tx, after, before, by=author.email, now=author.at)

    _change(db, tree, change)


def set_retired(
    db: Database, tree: RegionTree, slug: str, author: ChangeAuthor, *, retired: bool = True
) -> None:
    """Take a group off the forms, or put it back. Subscribers who have it keep it in their preferences."""

    def change(tx: Tx) -> None:
        before = tree.group(slug)
        store.write(tx, replace(before, retired=retired), before, by=author.email, now=author.at)

    _change(db, tree, change)


def undo(db: Database, tree: RegionTree, slug: str, author: ChangeAuthor) -> None:
    """Undo the last change of a group. A second call restores it. Raises ConflictError if there is no change."""

    def change(tx: Tx) -> None:
        row = store.group_row(tx, slug)
        previous = store.previous(row) if row else None
        if previous is None:
            raise ConflictError(NewsroomText('"%(slug)s" has no change to undo.', slug=slug[:40]))
        store.write(tx, previous, tree.group(slug), by=author.email, now=author.at)

    _change(db, tree, change)


def reset_to_bundled(db: Database, tree: RegionTree, slug: str) -> None:
    """Discard all changes of a bundled group. Raises NotFoundError for a group that editors added."""

    def change(tx: Tx) -> None:
        if slug not in bundled_groups():
            raise NotFoundError(
                NewsroomText(
                    '"%(slug)s" does not come with the program, so it cannot be reset.', slug=slug[:40]
                )
            )
        store.remove(tx, slug)

    _change(db, tree, change)


def allowed_parents(tree: RegionTree) -> tuple[str, ...]:
    """The slugs of the regions that a group can belong to: the world and its continents."""
    return tuple(region.slug for region in tree.all() if region.kind in ("world", "continent"))


def _change(db: Database, tree: RegionTree, change: Callable[[Tx], None]) -> None:
    """Run `change` under a lock, on the newest tree, then load the result into this process's tree."""
    with db.begin() as tx:
        store.lock_groups(tx)
        _load(tx, tree)
        change(tx)
        store.increment_version(tx)
    refresh(db, tree)


def _load(tx: Tx, tree: RegionTree) -> None:
    version = store.version(tx)
    if version != tree.snapshot.version:
        tree.apply_changes(store.changed_groups(tx), version)


def _slugs(tree: RegionTree) -> list[str]:
    return [region.slug for region in tree.all()]


def _countries(tree: RegionTree) -> frozenset[str]:
    return tree.get("world").countries
