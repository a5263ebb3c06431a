"""Countries and groups as editors type them: names in any language, or ISO codes, separated by commas."""

from flask_babel import gettext as _

from digest.admin.form_choices import page_language
from digest.admin.template_filters import country_name, region_name
from digest.errors import NotFoundError
from digest.parts import parts
from digest.regions.tree.region_tree import Region

MAX_SUGGESTIONS = 3


def parse_places(text: str) -> list[Region]:
    """The countries and groups of a list. Raises NotFoundError for an unknown one, with names that are like it."""
    return [_parse_place(name) for name in filter(None, map(str.strip, text.split(",")))]


def place_name(tag: str) -> str:
    """The name of a country by its code, or of a group by its slug."""
    return country_name(tag) if tag.isupper() else region_name(tag)


def _parse_place(name: str) -> Region:
    tree, language = parts().tree, page_language()
    try:
        return tree.resolve(name)
    except NotFoundError:
        similar = [tree.name(region.slug, language) for region in tree.search(name, language)]
    if similar:
        names = ", ".join(similar[:MAX_SUGGESTIONS])
        text = _(
            '"%(name)s" is no country or group that is known. Did you mean %(names)s?',
            name=name[:40],
            names=names,
        )
    else:
        text = _(
            '"%(name)s" is no country or group that is known. Check the spelling, or use an ISO code such as GE.',
            name=name[:40],
        )
    raise NotFoundError(text)
