"""Named groups of countries, as values: those that come with the program, and the checks that an editor's must pass."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from digest.errors import InvalidInputError
from digest.regions import data_files

SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
SHORTEST_SLUG, LONGEST_SLUG = 3, 40  # characters; two letters would read as a country's code
LONGEST_NAME = 80  # characters: what a mail's section head and a 360-pixel form can show
LONGEST_TEXT = 500  # characters of a source
MOST_ALIASES = 20
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Group:
    """A named group of countries: what it is called, what it holds, and whose definition that is."""

    slug: str
    parent: str  # the region it hangs under
    countries: frozenset[str]
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # by language
    aliases: Sequence[str] = ()
    source: str = ""
    retired: bool = False
    code: str = ""  # the M.49 or CLDR grouping that also names it, if there is one


@cache
def bundled_groups() -> Mapping[str, Group]:
    """The groups that come with the program, by slug."""
    groupings = data_files.tree()["groupings"]
    return MappingProxyType(
        {
            slug: Group(
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
    """Some fields of a group can't be used; `errors` has a sentence for each."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


def checked(group: Group, *, parents: Iterable[str], taken: Iterable[str], countries: Iterable[str]) -> Group:
    """`group` if it can be used; raises InvalidGroupError.

    `parents` are the regions that groups may hang under, `taken` the slugs that others have, `countries` all there are.
    """
    errors = _wrong_slug(group.slug, frozenset(taken)) | _wrong_names(group)
    unknown = sorted(group.countries - frozenset(countries))
    if not group.countries:
        errors["countries"] = "Countries: choose at least one; a group without any would bring no news."
    elif unknown:
        errors["countries"] = f'Countries: there is no country "{unknown[0][:20]}" (example: KZ).'
    if group.parent not in set(parents):
        errors["parent"] = f'Part of: "{group.parent[:40]}" is no region that groups can hang under.'
    if len(group.source) > LONGEST_TEXT:
        errors["source"] = f"Definition: at most {LONGEST_TEXT} characters; this has {len(group.source)}."
    if errors:
        raise InvalidGroupError(errors)
    return group


def _wrong_slug(slug: str, taken: frozenset[str]) -> dict[str, str]:
    if not SLUG.fullmatch(slug) or not SHORTEST_SLUG <= len(slug) <= LONGEST_SLUG:
        return {
            "slug": f'Slug: "{slug[:50]}" is none: small letters, digits and hyphens, '
            f"{SHORTEST_SLUG} to {LONGEST_SLUG} of them (example: silk-road)."
        }
    if slug in taken:
        return {"slug": f'Slug: there is a region "{slug}" already; take another one.'}
    return {}


def _wrong_names(group: Group) -> dict[str, str]:
    if not group.names.get("en"):
        return {"names": "Names: the English one is needed; other languages fall back on it."}
    for language, name in group.names.items():
        if not LANGUAGE.fullmatch(language):
            return {"names": f'Names: "{language[:20]}" is no language code (example: "ru: Шёлковый путь").'}
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            return {"names": f'Names: "{name[:20]}" ({language}) must have 1 to {LONGEST_NAME} characters.'}
    if len(group.aliases) > MOST_ALIASES or any(len(alias) > LONGEST_NAME for alias in group.aliases):
        return {"aliases": f"Other names: at most {MOST_ALIASES} of {LONGEST_NAME} characters."}
    return {}
