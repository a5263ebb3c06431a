"""The address of the desk: its region, kinds, search and page."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from digest.admin import params
from digest.articles.kind_assignment import parse_kind
from digest.editions.desk_list import ALL_KINDS, DeskQuery, Show
from digest.errors import InvalidInputError
from digest.parts import parts

WORLD = "world"
ALL = "all"  # of the field for kinds: every kind, also those that nobody gets


def parse_desk_query(args: "MultiDict[str, str]") -> DeskQuery:
    """The query of an address. Raises NotFoundError for an unknown region, InvalidInputError for other bad values."""
    kind, show = args.get("kind", ""), args.get("show") or Show.ALL.value
    if show not in frozenset(Show):
        raise InvalidInputError(_('"%(show)s" is no list of the desk (example: unreviewed).', show=show[:20]))
    kinds = ALL_KINDS if kind == ALL else frozenset({parse_kind(kind)}) if kind else None
    return DeskQuery(
        region=parts().tree.get(args.get("region") or WORLD).slug,
        kinds=kinds,
        text=args.get("q", "").strip()[:200],
        show=Show(show),
        page=params.parse_int(args, "page") or 1,
    )


def url_values(query: DeskQuery) -> Mapping[str, Any]:
    """The arguments of `url_for` for this query; `url_for` leaves out those that are None."""
    return {
        "region": None if query.region == WORLD else query.region,
        "kind": kind_value(query) or None,
        "q": query.text or None,
        "show": None if query.show is Show.ALL else query.show.value,
        "page": query.page if query.page > 1 else None,
    }


def kind_value(query: DeskQuery) -> str:
    """The value of the field for kinds."""
    if query.kinds is None:
        return ""
    return ALL if query.kinds == ALL_KINDS else next(iter(query.kinds)).value
