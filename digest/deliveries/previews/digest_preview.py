"""Previews of digests, made by the code that sends. Nothing is written and nothing is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from markupsafe import escape

from digest.articles.pure.shown_story import ShownStory
from digest.database import Database, Tx
from digest.deliveries.messages.digest_message import build_merge_data
from digest.deliveries.messages.preparation import DigestContent
from digest.deliveries.planning.personal_digests import digest_for_subscriber
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.store.claims import ClaimedDelivery
from digest.deliveries.store.plans import FIRST_WINDOW
from digest.editions.composer import merge_by_region
from digest.editions.edition_looks import edition_note, look_version
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.pure.edition_spec import EditionSpec, PreferencesSpec, preferences_spec
from digest.editions.pure.updates import shown_story_ids
from digest.editions.rendering import RenderedDigest
from digest.editions.store import day_notes, editions
from digest.look.pure.look import Look
from digest.mail.pure.mime import encode_quoted_printable
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Subscriber
from digest.subscribers.store import subscribers

PREVIEW_RECIPIENT = "preview@dateline.example"


class TimeWindow(NamedTuple):
    """The period whose news a digest has: from `start` up to, but not including, `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PreviewStory:
    """A story of a preview. `regions` are those of the digest that it belongs to, first the one of its section."""

    id: int
    title: str
    url: str
    countries: tuple[str, ...]
    regions: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """A digest as one subscriber would get it. Its links belong to nobody: they show their page and change nothing."""

    rendered: RenderedDigest
    values: Mapping[str, str]  # of the slots, by name
    stories: tuple[PreviewStory, ...]
    regions: tuple[str, ...]
    language: str
    window: TimeWindow
    message: bytes  # the message as it would be sent

    @property
    def subject(self) -> str:
        """The subject line."""
        return self.rendered.subject

    @property
    def preheader(self) -> str:
        """The text that mail clients show after the subject."""
        return self.rendered.preheader

    @cached_property
    def html(self) -> str:
        """The HTML part, decoded."""
        return self.rendered.html.render({name: str(escape(value)) for name, value in self.values.items()})

    @cached_property
    def text(self) -> str:
        """The text part, decoded."""
        return self.rendered.text.render(self.values)

    @cached_property
    def html_bytes(self) -> int:
        """Octets of the HTML part as sent."""
        return len(encode_quoted_printable(self.html))

    @cached_property
    def text_bytes(self) -> int:
        """Octets of the text part as sent."""
        return len(encode_quoted_printable(self.text))

    def as_json(self) -> dict[str, Any]:
        """What `dateline editions preview --format json` prints."""
        return {
            "subject": self.subject,
            "preheader": self.preheader,
            "stories": [
                {
                    "id": story.id,
                    "title": story.title,
                    "url": story.url,
                    "countries": story.countries,
                    "regions": story.regions,
                    "sources": story.sources,
                }
                for story in self.stories
            ],
            "html_bytes": self.html_bytes,
            "text_bytes": self.text_bytes,
            "window": [moment.isoformat() for moment in self.window],
        }


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """The digest to preview: the preferences that it is made for, the window, and an editor's note."""

    preferences: PreferencesSpec
    window: TimeWindow
    note: str = ""
    subscriber: Subscriber | None = None  # whose schedule and zone the digest shows
    has_day_notes: bool = True  # a manual edition has only a note of its own
    look: Look | None = None  # None: the one that counts now


def preview_regions(db: Database, context: SendingContext, request: PreviewRequest) -> Preview | None:
    """The digest of the requested regions, with the news of the window; None when nothing is new."""
    start, end = request.window
    with db.read() as tx:
        composer = context.composers.composer(tx, start, end, notes_at=end if request.has_day_notes else None)
        composed = composer.compose(request.preferences, start, note=request.note)
        if composed is None:
            return None
        composed = composer.mark_updates(
            composed, request.note
        )  # as for readers who received all earlier digests
        return render_preview(tx, context, request, composed.digest)


def preview_subscriber(
    db: Database,
    context: SendingContext,
    subscriber_id: int,
    now: datetime,
    *,
    look_back: timedelta | None = None,
) -> tuple[PreviewRequest, Preview | None]:
    """Preview the digest that a subscriber would get now; the preview is None when nothing is new.

    `look_back` is the length of the window. Without it, the window begins at the subscriber's last cutoff.
    """
    with db.read() as tx:
        subscriber = subscribers.by_id(tx, subscriber_id)
        start = now - look_back if look_back else min(subscriber.last_cutoff or now - FIRST_WINDOW, now)
        request = subscriber_request(subscriber, TimeWindow(start, now))
        if not look_back:
            planner = Planner(context.tree, timedelta(0), default_kinds=context.default_kinds)
            spec = EditionSpec(None, now, notes_at=now)
            digest = digest_for_subscriber(tx, planner, spec, subscriber)
            return request, render_preview(tx, context, request, digest) if digest else None
    return request, preview_regions(db, context, request)


def subscriber_request(subscriber: Subscriber, window: TimeWindow, note: str = "") -> PreviewRequest:
    """The request to preview a subscriber's digest with the news of a window."""
    return PreviewRequest(preferences_spec(subscriber.preferences), window, note, subscriber)


def preview_digest(db: Database, context: SendingContext, digest_id: int) -> Preview | None:
    """A stored digest as it would be sent now, without the stories hidden since; None when no story is left."""
    with db.read() as tx:
        digest = editions.digest_by_id(tx, digest_id)
        edition = editions.by_id(tx, digest.edition_id)
        preferences = subscribers.preferences_by_key(tx, [digest.preferences_key])[digest.preferences_key]
        window = TimeWindow(digest.window_start, edition.cutoff)
        look = context.looks.get(tx, look_version(edition))
        note = edition_note(edition, look, preferences.language)
        request = PreviewRequest(preferences_spec(preferences), window, note, look=look)
        preview = render_preview(tx, context, request, digest)
    return preview if preview.stories else None


def render_preview(
    tx: Tx, context: SendingContext, request: PreviewRequest, digest: DigestContent
) -> Preview:
    """The preview of a digest, with its message as the sender would make it."""
    stories = context.preparer.stories.load(tx, shown_story_ids(digest))
    zone = zone_or_utc(request.subscriber.zone if request.subscriber else "UTC")
    preferences, preparer = request.preferences, context.preparer
    notes = day_notes.by_ids(tx, digest.day_note_ids)
    look = request.look or context.looks.newest(tx)
    rendered = preparer.render(
        digest, preferences, stories, note=request.note, day_notes=notes, zone=zone, look=look
    )
    template = preparer.make_template(rendered, preferences, 0, look)
    delivery = _preview_delivery(request.subscriber, request.window.end)
    merge_data = build_merge_data(delivery, context.sender, context.links, now=request.window.end)
    lines = template.lines.for_delivery(delivery)
    return Preview(
        rendered=rendered,
        values={**lines, **merge_data.values},
        stories=_preview_stories(context.tree, request, digest, stories),
        regions=tuple(preferences.regions),
        language=preferences.language,
        window=request.window,
        message=template.message.fill(lines).build(merge_data.headers, merge_data.values),
    )


def _preview_delivery(subscriber: Subscriber | None, now: datetime) -> ClaimedDelivery:
    """A delivery that is not stored. It has no public id, so that no link in it is the subscriber's."""
    return ClaimedDelivery(
        id=0,
        edition_id=0,
        digest_id=0,
        attempts=0,
        in_doubt=False,
        planned_at=now,
        test_address=PREVIEW_RECIPIENT,
        email=subscriber.email if subscriber else None,
        public_id=None,
        subscriber_state=None,
        cadence=subscriber.cadence if subscriber else None,
        weekday=subscriber.weekday if subscriber else None,
        send_minute=subscriber.send_minute if subscriber else None,
        zone=subscriber.zone if subscriber else None,
    )


def _preview_stories(
    tree: RegionTree, request: PreviewRequest, digest: DigestContent, stories: Mapping[int, ShownStory]
) -> tuple[PreviewStory, ...]:
    regions = request.preferences.regions
    countries = {region: tree.countries_of([region]) for region in regions}
    return tuple(
        PreviewStory(
            id=story.id,
            title=story.lead.title,
            url=story.lead.url,
            countries=story.countries,
            regions=(
                section,
                *(r for r in regions if r != section and countries[r] & set(story.countries)),
            ),
            sources=(story.lead.source, *(report.source for report in story.also_in)),
        )
        for section, refs in merge_by_region(digest.sections)
        for story in (stories[story_id] for story_id, _ in refs if story_id in stories)
        if not story.hidden
    )
