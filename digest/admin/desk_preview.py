"""The preview beside the desk: whose mail it shows, in which language, width and colours.

Its fields belong to the form of the desk's filters, so that its address has both, and all works without a script.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from digest.admin.common_choices import common_choices
from digest.admin.preview_query import parse_digest_language
from digest.admin.template_filters import region_name
from digest.errors import InvalidInputError, NotFoundError
from digest.i18n.locales import language_name
from digest.parts import parts

SEPARATOR = " "  # between the regions of a choice; slugs have none
MAX_REGIONS = 20  # of a choice in an address
MAX_NAMED = 3  # regions of a choice that are named in the list
SIZES = ("phone", "desktop", "text")
SCHEMES = ("", "light", "dark")  # "": as the browser has it


@dataclass(frozen=True, slots=True)
class DeskPreview:
    """What is previewed. `mix` has the regions of the readers, "" for the desk's; `beside` is a second mix or ""."""

    mix: str = ""
    beside: str = ""
    language: str = ""
    size: str = SIZES[0]
    scheme: str = SCHEMES[0]

    def url_values(self) -> Mapping[str, Any]:
        """The arguments of `url_for` for the page with this preview; `url_for` leaves out those that are None."""
        return {
            "mix": self.mix or None,
            "beside": self.beside or None,
            "language": self.language or None,
            "size": None if self.size == SIZES[0] else self.size,
            "scheme": self.scheme or None,
        }


def parse_desk_preview(args: "MultiDict[str, str]") -> DeskPreview:
    """The preview in an address. Raises InvalidInputError or NotFoundError."""
    size, scheme, language = args.get("size") or SIZES[0], args.get("scheme", ""), args.get("language", "")
    if size not in SIZES:
        raise InvalidInputError(_('"%(size)s" is no format of a preview (example: phone).', size=size[:20]))
    if scheme not in SCHEMES:
        raise InvalidInputError(_('"%(scheme)s" is no colour scheme (example: dark).', scheme=scheme[:20]))
    return DeskPreview(
        mix=_parse_mix(args.get("mix", "")),
        beside=_parse_mix(args.get("beside", "")),
        language=parse_digest_language(language) if language else "",
        size=size,
        scheme=scheme,
    )


def page_values(preview: DeskPreview, region: str) -> dict[str, Any]:
    """The template values of the preview beside the list of a region."""
    mixes = _mix_choices(region, preview)
    shown = [preview.mix or region, *filter(None, [preview.beside])]
    return {
        "preview": preview,
        "mixes": mixes,
        "preview_languages": [(code, language_name(code)) for code in parts().languages],
        "preview_schemes": {"": _("as here"), "light": _("light"), "dark": _("dark")},
        "preview_sizes": {"phone": _("phone"), "desktop": _("desktop"), "text": _("text")},
        "frames": [(mix_name(mix), frame_url(preview, mix)) for mix in shown],
    }


def frame_url(preview: DeskPreview, mix: str) -> str:
    """The address of the mail to readers of a mix of regions."""
    endpoint = "admin.preview_text" if preview.size == "text" else "admin.preview_html"
    return url_for(
        endpoint,
        regions=mix.split(SEPARATOR),
        language=preview.language or None,
        scheme=preview.scheme or None,
        frame=1,
    )


def mix_name(mix: str) -> str:
    """The names of the regions of a mix; of many only the first."""
    slugs = mix.split(SEPARATOR)
    names = ", ".join(region_name(slug) for slug in slugs[:MAX_NAMED])
    return f"{names} …" if len(slugs) > MAX_NAMED else names


def _mix_choices(region: str, preview: DeskPreview) -> Sequence[tuple[str, str]]:
    """The desk's region, the choices that most subscribers share, and those that are shown."""
    common = [SEPARATOR.join(choice.preferences.regions[:MAX_REGIONS]) for choice in common_choices()]
    wanted = filter(None, [region, preview.mix, preview.beside, *filter(_exists, common)])
    return [("" if mix == region else mix, mix_name(mix)) for mix in dict.fromkeys(wanted)]


def _parse_mix(text: str) -> str:
    slugs = text.split()[:MAX_REGIONS]
    return SEPARATOR.join(dict.fromkeys(parts().tree.get(slug).slug for slug in slugs))


def _exists(mix: str) -> bool:
    try:
        return bool(parts().tree.countries_of(mix.split(SEPARATOR)))
    except NotFoundError:
        return False
