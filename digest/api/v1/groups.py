"""Named groups of countries: added, changed, retired, and changes taken back, as in the newsroom."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from flask import Response

from digest.accounts.audit import Change, differences
from digest.api.v1.access import token_holder
from digest.api.v1.answers import answer, require_match
from digest.api.v1.blueprint import BASE_PATH
from digest.api.v1.operations import operation
from digest.api.v1.reading import InvalidValuesError
from digest.api.v1.schemas.groups import GroupBody, GroupOut, NewGroup
from digest.api.v1.subscriptions import read_regions
from digest.api.v1.trail import record
from digest.parts import parts
from digest.regions import custom_groups
from digest.regions.custom_groups import ChangeAuthor
from digest.regions.tree.groups import CountryGroup, InvalidGroupError

PLACES = {"countries": "/regions"}  # of errors, where a field has another name here


@operation("GET", "/groups/<slug>", tag="regions", answer=GroupOut)
def get_group(slug: str) -> Response:
    """Get a group.

    With what editors change of it; `GET /regions` lists all groups among the regions.
    """
    return answer(GroupOut.of(_load(slug)))


@operation("POST", "/groups", tag="regions", answer=GroupOut, statuses=(201,), repeatable=True)
def add_group(json: NewGroup) -> Response:
    """Add a group.

    Subscribers can choose it at once.
    """
    p = parts()
    group = CountryGroup(
        json.slug,
        json.parent,
        _countries(json.regions),
        MappingProxyType(json.names),
        tuple(json.aliases),
        json.source,
    )
    try:
        custom_groups.add(p.db, p.tree, group, _author())
    except InvalidGroupError as error:
        raise _at_places(error) from None
    after = GroupOut.of(_load(json.slug))
    record("group added", json.slug, link=_link(json.slug), change=Change(after=after.model_dump()))
    return answer(after, 201, location=f"{BASE_PATH}/groups/{json.slug}")


@operation("PATCH", "/groups/<slug>", tag="regions", answer=GroupOut, conditional=True)
def change_group(slug: str, json: GroupBody) -> Response:
    """Change or retire a group.

    The change applies from the next digests. Subscribers who have a retired group keep it.
    """
    p = parts()
    group = _load(slug)
    before = GroupOut.of(group)
    require_match(before)
    try:
        if changed := _changes(json):
            custom_groups.update(p.db, p.tree, slug, lambda group: replace(group, **changed), _author())
        if json.retired is not None and json.retired != group.retired:
            custom_groups.set_retired(p.db, p.tree, slug, _author(), retired=json.retired)
    except InvalidGroupError as error:
        raise _at_places(error) from None
    return _changed("group changed", before)


@operation(
    "POST",
    "/groups/<slug>/<any(undo, reset):step>",
    tag="regions",
    answer=GroupOut,
    problems=(409,),
    conditional=True,
)
def take_back_group(slug: str, step: str) -> Response:
    """Undo the last change of a group, or reset it.

    `reset` discards all changes of a group that comes with the program.
    """
    p = parts()
    before = GroupOut.of(_load(slug))
    require_match(before)
    if step == "undo":
        custom_groups.undo(p.db, p.tree, slug, _author())
        return _changed("group change undone", before)
    custom_groups.reset_to_bundled(p.db, p.tree, slug)
    return _changed("group reset", before)


def _load(slug: str) -> CountryGroup:
    """The group; a bundled one may have its English name from elsewhere. Raises NotFoundError."""
    tree = parts().tree
    group = tree.group(slug)
    return replace(group, names=MappingProxyType({"en": tree.name(slug, "en")} | dict(group.names)))


def _changes(body: GroupBody) -> dict[str, Any]:
    """The fields of the group that a body has."""
    changed: dict[str, Any] = body.model_dump(exclude_none=True, include={"parent", "source"})
    if body.names is not None:
        changed["names"] = MappingProxyType(body.names)
    if body.aliases is not None:
        changed["aliases"] = tuple(body.aliases)
    if body.regions is not None:
        changed["countries"] = _countries(body.regions)
    return changed


def _countries(slugs: Sequence[str]) -> frozenset[str]:
    return parts().tree.countries_of(read_regions(slugs))


def _author() -> ChangeAuthor:
    return ChangeAuthor(token_holder().actor().name, parts().clock())


def _at_places(error: InvalidGroupError) -> InvalidValuesError:
    return InvalidValuesError({PLACES.get(name, f"/{name}"): text for name, text in error.errors.items()})


def _changed(action: str, before: GroupOut) -> Response:
    """Record what was changed, and answer with the group."""
    after = GroupOut.of(_load(before.slug))
    changed = differences(before.model_dump(), after.model_dump())
    change = Change(before=changed.before, after=changed.after)
    record(action, before.slug, link=_link(before.slug), change=change)
    return answer(after)


def _link(slug: str) -> str:
    return f"/admin/regions/{slug}"
