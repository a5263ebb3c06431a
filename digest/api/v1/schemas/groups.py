"""The models of named groups of countries."""

from pydantic import Field

from digest.api.v1.schemas.base import Answer, Body, RegionSlug
from digest.regions.tree.groups import LONGEST_SLUG, LONGEST_SOURCE, MOST_ALIASES, SHORTEST_SLUG, CountryGroup

MAX_NAMES = 40  # of a group, one a language
MAX_REGIONS = 300  # there are 250 countries


class GroupBody(Body):
    """A named group of countries. Fields that are left out stay as they are."""

    names: dict[str, str] | None = Field(
        None,
        max_length=MAX_NAMES,
        description="By language; English is needed.",
        examples=[{"en": "Silk Road"}],
    )
    regions: list[RegionSlug] | None = Field(
        None,
        min_length=1,
        max_length=MAX_REGIONS,
        description="Countries; a region adds those that it has now.",
        examples=[["kz", "uz", "tr"]],
    )
    parent: RegionSlug | None = Field(None, description="`world`, or a continent.")
    aliases: list[str] | None = Field(
        None, max_length=MOST_ALIASES, description="Other names for the search."
    )
    source: str | None = Field(None, max_length=LONGEST_SOURCE, description="Who defines it so.")
    retired: bool | None = Field(None, description="true: nobody else can choose it.")


class NewGroup(Body):
    """A new named group of countries, which subscribers can choose at once."""

    slug: str = Field(min_length=SHORTEST_SLUG, max_length=LONGEST_SLUG, examples=["silk-road"])
    names: dict[str, str] = Field(max_length=MAX_NAMES, examples=[{"en": "Silk Road", "de": "Seidenstraße"}])
    regions: list[RegionSlug] = Field(min_length=1, max_length=MAX_REGIONS, examples=[["kz", "uz", "tr"]])
    parent: RegionSlug = "world"
    aliases: list[str] = Field(default_factory=list, max_length=MOST_ALIASES)
    source: str = Field("", max_length=LONGEST_SOURCE)


class GroupOut(Answer):
    """A named group of countries, as editors change it."""

    slug: str
    names: dict[str, str]
    parent: str
    countries: list[str]
    aliases: list[str]
    source: str
    retired: bool

    @classmethod
    def of(cls, group: CountryGroup) -> "GroupOut":
        """The group as an answer."""
        return cls(
            slug=group.slug,
            names=dict(group.names),
            parent=group.parent,
            countries=sorted(group.countries),
            aliases=list(group.aliases),
            source=group.source,
            retired=group.retired,
        )
