"""The query of a preview: regions or a subscriber, how many hours of news, and a note."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from digest.admin import params
from digest.deliveries.previews import digest_preview
from digest.deliveries.previews.digest_preview import Preview, PreviewRequest, TimeWindow
from digest.editions.kept_composers import end_of_minute
from digest.editions.pure.day_notes import MAX_NOTE_LENGTH
from digest.editions.pure.edition_spec import PreferencesSpec
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.subscribers.preference_fields import CONTENT_MARKER, chosen_regions, content_values
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, YES, ContentChoices, parse_content
from digest.subscribers.pure.subscription import InvalidSubscriptionError

DEFAULT_WINDOW = timedelta(days=1)
MAX_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PreviewQuery:
    """What to preview. `hours` 0 means: since the subscriber's last digest, or one day for regions."""

    regions: tuple[str, ...] = ()  # in the order of the digest
    subscriber_id: int | None = None
    hours: int = 0
    note: str = ""
    is_manual: bool = False  # of a manual edition, which has no notes of the day; one with a note is manual
    language: str = "en"
    content: ContentChoices = DEFAULT_CONTENT

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
            "language": None if self.language == parts().languages[0] else self.language,
            **self._content_values(),
        }

    def _content_values(self) -> Mapping[str, Any]:
        content = self.content
        if content == DEFAULT_CONTENT:
            return {}
        return {
            CONTENT_MARKER: 1,
            "kinds": sorted(parts().default_kinds if content.kinds is None else content.kinds),
            "languages_read": list(content.languages_read),
            "show_why": YES if content.show_why else None,
        }


@dataclass(frozen=True, slots=True)
class PreviewResult:
    """The request made from a query, and the preview, which is None if the window has no new stories."""

    request: PreviewRequest
    preview: Preview | None

    @property
    def kinds(self) -> Collection[str]:
        """The optional kinds of the previewed digest."""
        chosen = self.request.preferences.content.kinds
        return parts().default_kinds if chosen is None else chosen

    @property
    def window_minutes(self) -> int:
        """The length of the window, rounded up."""
        start, end = self.request.window
        return ceil((end - start) / timedelta(minutes=1))


def parse_preview_query(values: "MultiDict[str, str]") -> PreviewQuery:
    """The query in a form or URL.

    Raises NotFoundError for an unknown region, InvalidInputError for a bad number, language or content choice.
    """
    tree, errors = parts().tree, dict[str, str]()
    language = parse_digest_language(values.get("language") or parts().languages[0])
    content = parse_content(
        content_values(values),
        errors,
        language=language,
        default_kinds=parts().default_kinds,
    )
    if errors:
        raise InvalidSubscriptionError(errors)
    return PreviewQuery(
        regions=tuple(tree.get(slug).slug for slug in chosen_regions(values)),
        subscriber_id=params.parse_int(values, "reader"),
        hours=params.parse_int(values, "hours", minimum=0, maximum=MAX_WINDOW // timedelta(hours=1)) or 0,
        note=values.get("note", "").strip()[:MAX_NOTE_LENGTH],
        language=language,
        content=content,
    )


def parse_digest_language(language: str) -> str:
    """`language`, if there is a digest in it. Raises InvalidInputError."""
    known = parts().languages
    if language not in known:
        raise InvalidInputError(
            _(
                'There is no digest in the language "%(language)s". There are: %(known)s.',
                language=language[:20],
                known=", ".join(known),
            )
        )
    return language


def make_preview(query: PreviewQuery) -> PreviewResult:
    """Render the preview of a query, with the news until the end of this minute."""
    p = parts()
    now = end_of_minute(p.clock())
    look_back = timedelta(hours=query.hours)
    if query.subscriber_id is not None:
        request, preview = digest_preview.preview_subscriber(
            p.db, p.sending, query.subscriber_id, now, look_back=look_back or None
        )
        return PreviewResult(request, preview)
    window = TimeWindow(now - (look_back or DEFAULT_WINDOW), now)
    preferences = PreferencesSpec(query.regions, query.language, content=query.content)
    has_day_notes = not (query.note or query.is_manual)
    request = PreviewRequest(preferences, window, query.note, has_day_notes=has_day_notes)
    return PreviewResult(request, digest_preview.preview_regions(p.db, p.sending, request))


def parse_region_slugs(values: Sequence[str]) -> tuple[str, ...]:
    """The regions in their order, each once. Raises NotFoundError for an unknown one."""
    return parse_preview_query(MultiDict([("regions", value) for value in values])).regions
