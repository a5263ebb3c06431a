"""Queries over the named groups that editors made or changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, select, update

from digest.database import Tx, insert_missing, serialise
from digest.regions.models import RegionGroup, RegionTreeVersion
from digest.regions.tree.groups import Group, bundled_groups

THE_ROW = 1


def version(tx: Tx) -> int:
    """How often editors changed the tree."""
    return tx.scalar(select(RegionTreeVersion.version)) or 0


def changed(tx: Tx) -> Sequence[Group]:
    """The groups that editors made or changed, as they are now."""
    return [_group(row.slug, row.definition) for row in rows(tx)]


def rows(tx: Tx) -> Sequence[RegionGroup]:
    """The same with who changed them when."""
    return tx.scalars(select(RegionGroup).order_by(RegionGroup.slug)).all()


def row(tx: Tx, slug: str) -> RegionGroup | None:
    """The editors' row of one group, if they touched it."""
    return tx.get(RegionGroup, slug)


def write(tx: Tx, group: Group, before: Group | None, *, by: str, now: datetime) -> None:
    """Keep a group as an editor wants it, and what it was before."""
    found = tx.get(RegionGroup, group.slug) or RegionGroup(slug=group.slug)
    found.definition = _table(group)
    found.before = _table(before) if before else None
    found.changed_at, found.changed_by = now, by
    tx.add(found)


def previous(row: RegionGroup) -> Group | None:
    """What a group was before its last change."""
    return _group(row.slug, row.before) if row.before else None


def forget(tx: Tx, slug: str) -> None:
    """Take the editors' row of a group away."""
    tx.execute(delete(RegionGroup).where(RegionGroup.slug == slug))


def one_at_a_time(tx: Tx) -> None:
    """Let no other change go on beside this one: each is checked against all groups there are."""
    serialise(tx, "region groups")


def count_up(tx: Tx) -> None:
    """Say to all processes that something has changed."""
    insert_missing(tx, RegionTreeVersion, [{"id": THE_ROW, "version": 0}], keys=["id"])
    tx.execute(update(RegionTreeVersion).values(version=RegionTreeVersion.version + 1))


def _table(group: Group) -> dict[str, Any]:
    return {
        "parent": group.parent,
        "countries": sorted(group.countries),
        "names": dict(group.names),
        "aliases": list(group.aliases),
        "source": group.source,
        "retired": group.retired,
    }


def _group(slug: str, table: Mapping[str, Any]) -> Group:
    ours = bundled_groups().get(slug)
    return Group(
        slug=slug,
        parent=table["parent"],
        countries=frozenset(table["countries"]),
        names=MappingProxyType(table["names"]),
        aliases=tuple(table["aliases"]),
        source=table["source"],
        retired=table["retired"],
        code=ours.code if ours else "",
    )
