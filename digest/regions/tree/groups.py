"""Named groups of countries: the bundled ones, and the checks for groups from editors."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from digest.errors import InvalidInputError
from digest.line_text import is_one_line
from digest.regions import data_files

SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
SHORTEST_SLUG, LONGEST_SLUG = 3, 40  # characters; two letters would look like a country code
LONGEST_NAME = 80  # characters: what a mail's section heading and a form 360 pixels wide can show
LONGEST_SOURCE = 500  # characters
MOST_ALIASES = 20
LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class CountryGroup:
    """A named group of countries, with the source of its definition."""

    slug: str
    parent: str  # the slug of the region it belongs to
    countries: frozenset[str]  # ISO 3166-1 alpha-2
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # by language
    aliases: Sequence[str] = ()
    source: str = ""  # who defined it, and when
    retired: bool = False
    code: str = ""  # the code of the same group in M.49 or CLDR, if it has one


@cache
def bundled_groups() -> Mapping[str, CountryGroup]:
    """The groups that come with the program, by slug."""
    groupings = data_files.tree()["groupings"]
    return MappingProxyType(
        {
            slug: CountryGroup(
                slug=slug,
                parent=row["parent"],
                countries=frozenset(groupings[row["m49"]] if "m49" in row else row["countries"]),
                names=MappingProxyType(row["names"]),
                aliases=tuple(row["aliases"]),
                source=row["source"],
                code=row.get("m49", ""),
            )
            for slug, row in data_files.groups().items()
        }
    )


class InvalidGroupError(InvalidInputError):
    """Some fields of a group are invalid. `errors` has a sentence for each field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


def validate_group(
    group: CountryGroup,
    *,
    parents: Iterable[str],
    other_slugs: Iterable[str] | None,
    countries: Iterable[str],
) -> None:
    """Raise InvalidGroupError if a group is invalid.

    `parents` are the regions that a group can belong to, `other_slugs` the slugs of other regions (None for a
    group that exists: its slug stays, also "eu"), and `countries` all countries.
    """
    errors = {} if other_slugs is None else _slug_errors(group.slug, frozenset(other_slugs))
    errors |= _name_errors(group)
    unknown = sorted(group.countries - frozenset(countries))
    if not group.countries:
        errors["countries"] = "Countries: choose at least one; a group without countries would bring no news."
    elif unknown:
        errors["countries"] = f'Countries: "{unknown[0][:20]}" is not a country code (example: KZ).'
    if group.parent not in set(parents):
        errors["parent"] = f'Part of: a group cannot belong to "{group.parent[:40]}".'
    if len(group.source) > LONGEST_SOURCE:
        errors["source"] = f"Definition: at most {LONGEST_SOURCE} characters; this has {len(group.source)}."
    if errors:
        raise InvalidGroupError(errors)


def _slug_errors(slug: str, other_slugs: frozenset[str]) -> dict[str, str]:
    if not SLUG.fullmatch(slug) or not SHORTEST_SLUG <= len(slug) <= LONGEST_SLUG:
        return {
            "slug": f'Slug: "{slug[:50]}" is not valid; use {SHORTEST_SLUG} to {LONGEST_SLUG} '
            "small letters, digits and hyphens (example: silk-road)."
        }
    if slug in other_slugs:
        return {"slug": f'Slug: another region already has "{slug}"; choose a different one.'}
    return {}


def _name_errors(group: CountryGroup) -> dict[str, str]:
    if not group.names.get("en"):
        return {"names": "Names: the English name is required; other languages fall back on it."}
    for language, name in group.names.items():
        if not LANGUAGE_CODE.fullmatch(language):
            return {
                "names": f'Names: "{language[:20]}" is not a language code (example: "ru: Шёлковый путь").'
            }
        if not name or len(name) > LONGEST_NAME or not is_one_line(name):
            return {"names": f'Names: "{name[:20]}" ({language}) must have 1 to {LONGEST_NAME} characters.'}
    if len(group.aliases) > MOST_ALIASES or any(len(alias) > LONGEST_NAME for alias in group.aliases):
        return {"aliases": f"Other names: at most {MOST_ALIASES} of {LONGEST_NAME} characters."}
    return {}
