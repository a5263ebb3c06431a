"""The query of a preview: regions or a subscriber, how many hours of news, and a note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from werkzeug.datastructures import MultiDict

from digest.admin import params
from digest.deliveries.previews import digest_preview
from digest.deliveries.previews.digest_preview import Preview, PreviewRequest, TimeWindow
from digest.parts import parts

DEFAULT_WINDOW = timedelta(days=1)
MAX_WINDOW = timedelta(days=7)
MAX_NOTE_LENGTH = 1_000  # characters; a note is a paragraph or two above the news


@dataclass(frozen=True, slots=True)
class PreviewQuery:
    """What to preview. `hours` 0 means: since the subscriber's last digest, or one day for regions."""

    regions: tuple[str, ...] = ()
    subscriber_id: int | None = None
    hours: int = 0
    note: str = ""

    @property
    def has_target(self) -> bool:
        """Whether the query names regions or a subscriber."""
        return bool(self.regions or self.subscriber_id is not None)

    def url_values(self) -> Mapping[str, Any]:
        """The arguments of `url_for` for the same preview; `url_for` leaves out those that are None or empty."""
        return {
            "regions": list(self.regions),
            "reader": self.subscriber_id,
            "hours": self.hours or None,
            "note": self.note or None,
        }


@dataclass(frozen=True, slots=True)
class PreviewResult:
    """The request made from a query, and the preview, which is None if the window has no new stories."""

    request: PreviewRequest
    preview: Preview | None

    @property
    def window_minutes(self) -> int:
        """The length of the window, rounded up."""
        start, end = self.request.window
        return ceil((end - start) / timedelta(minutes=1))


def parse_preview_query(values: "MultiDict[str, str]") -> PreviewQuery:
    """The query in a form or URL. Raises NotFoundError for an unknown region, InvalidInputError for a bad number."""
    tree = parts().tree
    slugs = {tree.get(slug).slug for slug in values.getlist("regions")}
    return PreviewQuery(
        regions=tuple(region.slug for region in tree.all() if region.slug in slugs),
        subscriber_id=params.parse_int(values, "reader"),
        hours=params.parse_int(values, "hours", minimum=0, maximum=MAX_WINDOW // timedelta(hours=1)) or 0,
        note=values.get("note", "").strip()[:MAX_NOTE_LENGTH],
    )


def make_preview(query: PreviewQuery) -> PreviewResult:
    """Render the preview of a query."""
    p = parts()
    now = p.clock()
    look_back = timedelta(hours=query.hours)
    if query.subscriber_id is not None:
        request, preview = digest_preview.preview_subscriber(
            p.db, p.sending, query.subscriber_id, now, look_back=look_back or None
        )
        return PreviewResult(request, preview)
    window = TimeWindow(now - (look_back or DEFAULT_WINDOW), now)
    request = PreviewRequest(query.regions, p.languages[0], window, query.note)
    return PreviewResult(request, digest_preview.preview_regions(p.db, p.sending, request))


def parse_region_slugs(values: Sequence[str]) -> tuple[str, ...]:
    """The regions in tree order, each once. Raises NotFoundError for an unknown one."""
    return parse_preview_query(MultiDict([("regions", value) for value in values])).regions
