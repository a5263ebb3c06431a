"""Prepares the mails of claimed deliveries: each digest is encoded once, and completed for each delivery."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Protocol

from digest.articles.pure.shown_story import ShownStory
from digest.articles.story_cache import StoryCache
from digest.database import Database
from digest.deliveries.messages.digest_message import (
    DateAndReasonLines,
    SenderIdentity,
    build_merge_data,
    prepare_message,
)
from digest.deliveries.store.claims import ClaimedDelivery
from digest.editions.edition_looks import edition_note, look_version
from digest.editions.fragments import Fragments
from digest.editions.models import Digest, Edition
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.pure.counted_editions import counted_edition
from digest.editions.pure.day_notes import DayNote
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.edition_spec import DigestPreferences
from digest.editions.pure.sections import Section
from digest.editions.pure.selection import MAX_STORIES_BY_SIZE
from digest.editions.pure.updates import Updates, shown_story_ids
from digest.editions.rendering import RenderedDigest, render_digest
from digest.editions.store import day_notes, editions
from digest.look.looks import Looks
from digest.look.pure.look import Look
from digest.mail.pure.dkim import sign_message
from digest.mail.pure.mime import PreparedMessage
from digest.mail.pure.session import Mail
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Preferences
from digest.subscribers.pure.links import SignedLinks
from digest.subscribers.store import subscribers

MAX_CACHED_TEMPLATES = 50  # of about 50 KB each
MAX_CACHED_MESSAGES = 20  # of about 50 KB each, for each batch


class DigestContent(Protocol):
    """The content of a stored or composed digest, and the public id in the URL of its web edition."""

    @property
    def subject(self) -> str: ...

    @property
    def sections(self) -> tuple[Section, ...]: ...

    @property
    def updates(self) -> Updates: ...

    @property
    def day_note_ids(self) -> tuple[int, ...]: ...

    @property
    def public_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class DigestTemplate:
    """The message of a digest with slots, and the lines for the slots that many deliveries share."""

    message: PreparedMessage
    lines: DateAndReasonLines


@dataclass(frozen=True, slots=True)
class BatchContent:
    """What the digests of a batch of deliveries are made of."""

    digests: Mapping[int, Digest]
    preferences: Mapping[str, Preferences]
    editions: Mapping[int, Edition]
    looks: Mapping[int, Look]  # by edition
    day_notes: Mapping[int, DayNote]
    rates: Mapping[int, int]  # by edition
    stories: Mapping[int, ShownStory]
    # Partly filled messages, by digest and by what many of its subscribers have in common.
    messages: dict[tuple[object, ...], PreparedMessage | None] = field(default_factory=dict)


@dataclass(eq=False)
class MailPreparer:
    """Prepares mails, and caches message templates and stories. There is one per process."""

    fragments: Fragments
    links: SignedLinks
    sender: SenderIdentity
    tree: RegionTree
    looks: Looks
    stories: StoryCache = field(default_factory=StoryCache)
    _templates: "OrderedDict[str, DigestTemplate]" = field(default_factory=OrderedDict)

    def load_content(self, db: Database, claimed: Sequence[ClaimedDelivery]) -> BatchContent:
        """What the digests of these deliveries are made of now."""
        with db.read() as tx:
            digests = editions.digests_by_id(tx, sorted({delivery.digest_id for delivery in claimed}))
            edition_ids = {digest.edition_id for digest in digests.values()}
            editions_of_batch = [editions.by_id(tx, edition_id) for edition_id in edition_ids]
            preferences_keys = sorted({digest.preferences_key for digest in digests.values()})
            ids = set().union(*(shown_story_ids(digest) for digest in digests.values()))
            return BatchContent(
                digests=digests,
                preferences=subscribers.preferences_by_key(tx, preferences_keys),
                editions={edition.id: edition for edition in editions_of_batch},
                looks={
                    edition.id: self.looks.get(tx, look_version(edition)) for edition in editions_of_batch
                },
                day_notes=day_notes.by_ids(tx, set().union(*(d.day_note_ids for d in digests.values()))),
                rates={edition.id: edition.rate for edition in editions_of_batch},
                stories=self.stories.load(tx, ids),
            )

    def prepare_mail(self, delivery: ClaimedDelivery, content: BatchContent, now: datetime) -> Mail | None:
        """The mail of a delivery; None when all of its stories are hidden now."""
        schedule = (delivery.cadence, delivery.weekday, delivery.send_minute)
        key = (delivery.digest_id, delivery.planned_at, delivery.zone, schedule)
        if key not in content.messages:
            if len(content.messages) >= MAX_CACHED_MESSAGES:  # deliveries come in the order of digests
                content.messages.clear()
            content.messages[key] = self._fill_shared(delivery, content)
        message = content.messages[key]
        if message is None:
            return None
        merge_data = build_merge_data(delivery, self.sender, self.links, now=now)
        octets = sign_message(message.build(merge_data.headers, merge_data.values), self.sender.signers, now)
        return Mail(delivery, merge_data.sender, merge_data.recipient, octets)

    def render(
        self,
        digest: DigestContent,
        preferences: DigestPreferences,
        stories: Mapping[int, ShownStory],
        *,
        note: str,
        day_notes: Mapping[int, DayNote],
        zone: tzinfo,
        look: Look,
        counted_in: int | None = None,
    ) -> RenderedDigest:
        """Render a digest as HTML and as plain text for these preferences.

        Previews use this too, without `counted_in`: what editors open from there is not counted.
        """
        digest_input = DigestInput(
            subject=digest.subject,
            language=preferences.language,
            note=note,
            sections=digest.sections,
            web_url=f"{self.sender.site_url}/read/{digest.public_id}",
            max_stories=MAX_STORIES_BY_SIZE[preferences.size],
            zone=zone,
            content=preferences.content,
            updates=digest.updates,
            day_notes=[day_notes[note_id] for note_id in digest.day_note_ids if note_id in day_notes],
            counted_in=counted_in,
        )
        return render_digest(digest_input, stories, self.fragments.in_look(look))

    def make_template(
        self, rendered: RenderedDigest, preferences: DigestPreferences, edition_id: int, look: Look
    ) -> DigestTemplate:
        """A rendered digest as a message with slots. Previews use this too."""
        lines = DateAndReasonLines(self.tree, tuple(preferences.regions), preferences.language)
        sender = self.sender.in_look(look.shown(preferences.language))
        return DigestTemplate(prepare_message(rendered, edition_id, sender), lines)

    def _fill_shared(self, delivery: ClaimedDelivery, content: BatchContent) -> PreparedMessage | None:
        """The message with the values that deliveries share filled in; None when nothing is left to show."""
        zone = zone_or_utc(delivery.zone or "UTC")
        template = self._template(content.digests[delivery.digest_id], content, zone)
        return template.message.fill(template.lines.for_delivery(delivery)) if template else None

    def _template(self, digest: Digest, content: BatchContent, zone: tzinfo) -> DigestTemplate | None:
        """The digest's message for a zone; None when nothing is left to show.

        It is rendered again after one of its stories was changed or hidden.
        """
        shown = [content.stories.get(story_id) for _, refs in digest.sections for story_id, _ in refs]
        versions = [(story.id, story.version) for story in shown if story and not story.hidden]
        if not versions:
            return None
        earlier = [content.stories.get(chapter.story_id) for chapter in digest.updates.values()]
        versions += [(story.id, story.version) for story in earlier if story and not story.hidden]
        look = content.looks[digest.edition_id]
        key = f"{digest.id}:{zone}:{look.version}:{hash(tuple(versions))}"
        if key not in self._templates:
            preferences = content.preferences[digest.preferences_key]
            edition = content.editions[digest.edition_id]
            rendered = self.render(
                digest,
                preferences,
                content.stories,
                note=edition_note(edition, look, preferences.language),
                day_notes=content.day_notes,
                zone=zone,
                look=look,
                counted_in=counted_edition(edition.kind, edition.id),
            )
            self._templates[key] = self.make_template(rendered, preferences, digest.edition_id, look)
            if len(self._templates) > MAX_CACHED_TEMPLATES:
                self._templates.popitem(last=False)
        return self._templates[key]
