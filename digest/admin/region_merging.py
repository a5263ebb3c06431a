"""What two editors have typed into the form of one group, merged."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _

from digest.admin import edit_conflicts
from digest.admin.edit_conflicts import EditedThing
from digest.admin.pure.three_way import MergedFields
from digest.admin.template_filters import country_name, region_name
from digest.parts import parts
from digest.regions.tree.groups import CountryGroup

FORM = "region"
MAX_NAMED = 40  # countries, in what is stored now


def form_values(group: CountryGroup) -> dict[str, str]:
    """The fields of the form for a group, without its countries."""
    others = (f"{language}: {name}" for language, name in sorted(group.names.items()) if language != "en")
    return {
        "slug": group.slug,
        "name": group.names.get("en") or parts().tree.name(group.slug),
        "names": "\n".join(others),
        "aliases": ", ".join(group.aliases),
        "source": group.source,
        "parent": group.parent,
    }


def values_of(group: CountryGroup) -> dict[str, Any]:
    """What the form can change of a group."""
    return {name: value for name, value in form_values(group).items() if name != "slug"} | {
        "countries": sorted(group.countries)
    }


def merge(stored: CountryGroup, typed: CountryGroup) -> tuple[CountryGroup, MergedFields]:
    """The group to save. Raises SaveConflictError."""
    thing = EditedThing(FORM, f"/admin/regions/{stored.slug}", labels(), _describe)
    with parts().db.read() as tx:
        merged = edit_conflicts.merge_typed(tx, thing, values_of(stored), values_of(typed))
    return _with_theirs(typed, stored, merged), merged


def labels() -> Mapping[str, str]:
    """The names of the fields."""
    return {
        "name": _("Name in English"),
        "names": _("Names in other languages, one per line"),
        "aliases": _("Aliases, separated by commas"),
        "parent": _("Parent region"),
        "countries": _("Countries"),
        "source": _("Source and date of the definition"),
    }


def _with_theirs(typed: CountryGroup, stored: CountryGroup, merged: MergedFields) -> CountryGroup:
    """What was typed, with the fields that only somebody else has changed."""
    theirs = frozenset(merged.theirs)
    names = {
        language: name
        for group, language_is_theirs in ((typed, False), (stored, True))
        for language, name in group.names.items()
        if (("name" if language == "en" else "names") in theirs) == language_is_theirs
    }
    kept = {
        name: getattr(stored, name) for name in ("aliases", "parent", "countries", "source") if name in theirs
    }
    return replace(typed, names=MappingProxyType(names), **kept)


def _describe(name: str, value: Any) -> str:
    if name == "parent":
        return region_name(value)
    if name != "countries":
        return str(value)
    named = ", ".join(map(country_name, value[:MAX_NAMED]))
    return f"{named} …" if len(value) > MAX_NAMED else named
