"""Queries over the named groups that editors added or changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, select, update

from digest.database import Tx, insert_missing, lock_for_transaction
from digest.regions.models import RegionGroup, RegionTreeVersion
from digest.regions.tree.groups import CountryGroup, bundled_groups

VERSION_ROW_ID = 1


def version(tx: Tx) -> int:
    """The number of editors' changes to the tree."""
    return tx.scalar(select(RegionTreeVersion.version)) or 0


def changed_groups(tx: Tx) -> Sequence[CountryGroup]:
    """The groups that editors added or changed, as they are now."""
    return [_group(row.slug, row.definition) for row in group_rows(tx)]


def group_rows(tx: Tx) -> Sequence[RegionGroup]:
    """The rows of the groups that editors added or changed, with the last change's editor and time."""
    return tx.scalars(select(RegionGroup).order_by(RegionGroup.slug)).all()


def group_row(tx: Tx, slug: str) -> RegionGroup | None:
    """The row of one group; None if editors never changed it."""
    return tx.get(RegionGroup, slug)


def write(tx: Tx, group: CountryGroup, before: CountryGroup | None, *, by: str, now: datetime) -> None:
    """Save a group, and the version that it replaces, for undoing the change. `by` is the editor's address."""
    row = tx.get(RegionGroup, group.slug) or RegionGroup(slug=group.slug)
    row.definition = _definition(group)
    row.before = _definition(before) if before else None
    row.changed_at, row.changed_by = now, by
    tx.add(row)


def previous(row: RegionGroup) -> CountryGroup | None:
    """The group before its last change; None if that change added it."""
    return _group(row.slug, row.before) if row.before else None


def remove(tx: Tx, slug: str) -> None:
    """Delete the row of a group."""
    tx.execute(delete(RegionGroup).where(RegionGroup.slug == slug))


def lock_groups(tx: Tx) -> None:
    """Make other changes wait until this transaction ends, because each change is checked against all groups."""
    lock_for_transaction(tx, "region groups")


def increment_version(tx: Tx) -> None:
    """Count a change, so that all processes load the groups again."""
    insert_missing(tx, RegionTreeVersion, [{"id": VERSION_ROW_ID, "version": 0}], keys=["id"])
    tx.execute(update(RegionTreeVersion).values(version=RegionTreeVersion.version + 1))


def _definition(group: CountryGroup) -> dict[str, Any]:
    """The JSON value of a group."""
    return {
        "parent": group.parent,
        "countries": sorted(group.countries),
        "names": dict(group.names),
        "aliases": list(group.aliases),
        "source": group.source,
        "retired": group.retired,
    }


def _group(slug: str, definition: Mapping[str, Any]) -> CountryGroup:
    """The group that a JSON value defines; a bundled group keeps its code."""
    bundled = bundled_groups().get(slug)
    return CountryGroup(
        slug=slug,
        parent=definition["parent"],
        countries=frozenset(definition["countries"]),
        names=MappingProxyType(definition["names"]),
        aliases=tuple(definition["aliases"]),
        source=definition["source"],
        retired=definition["retired"],
        code=bundled.code if bundled else "",
    )
