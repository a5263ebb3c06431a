"""When a story is about a group of countries, and how much a story about no country counts in the world's news."""

WORLD = "world"  # the slug of the region that gets stories about no country
# A story about no country ranks behind stories that are about one.
COUNTRYLESS_WEIGHT = 0.5
MIN_GROUP_SHARE = 0.5  # share of a story's reports that must be about a group; one of four places nothing


def has_group(about_it: int, reports: int) -> bool:
    """Whether a story is about a group, if `about_it` of its `reports` that are about anything are about the group."""
    return about_it >= MIN_GROUP_SHARE * reports
