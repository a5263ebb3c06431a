"""What claimed deliveries take to be sent: their digests' messages, encoded once, and each reader's parts in them."""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from digest.articles.pure.shown_story import ShownStory
from digest.articles.store import articles
from digest.database import Database, Tx
from digest.deliveries.messages.digest_message import Sender, Why, envelope, mould
from digest.deliveries.store.claims import Claimed
from digest.editions.fragments import Fragments
from digest.editions.models import Digest
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.pure.selection import IN_MAIL
from digest.editions.rendering import Copy, printed
from digest.editions.store import editions
from digest.mail.pure.dkim import signed
from digest.mail.pure.mime import MessageMould
from digest.mail.pure.session import Mail
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Preferences
from digest.subscribers.pure.links import Links
from digest.subscribers.store import subscribers

PATTERNS_KEPT = 50  # of about 50 KB each
FILLED_KEPT = 20  # of about 50 KB each, for each chunk
STORIES_KEPT = 10_000  # of about 2 KB each


@dataclass(frozen=True, slots=True)
class Pattern:
    """A digest ready to be poured, and the lines its readers have in common."""

    mould: MessageMould
    why: Why


@dataclass(frozen=True, slots=True)
class Content:
    """What a chunk's digests are made of."""

    digests: Mapping[int, Digest]
    preferences: Mapping[str, Preferences]
    notes: Mapping[int, str]  # by edition, and so the paces
    rates: Mapping[int, int]
    shown: Mapping[int, ShownStory]
    # By digest and what many of its readers have in common, as they are needed.
    filled: dict[tuple[object, ...], MessageMould | None] = field(default_factory=dict)


@dataclass
class Preparer:
    """Prepares messages, and keeps those digests and stories that were used last. One per process."""

    fragments: Fragments
    links: Links
    sender: Sender
    tree: RegionTree
    _patterns: "OrderedDict[str, Pattern]" = field(default_factory=OrderedDict)
    _stories: dict[int, ShownStory] = field(default_factory=dict)

    def load(self, db: Database, claimed: Sequence[Claimed]) -> Content:
        """What these deliveries' digests are made of now."""
        with db.read() as tx:
            digests = editions.digests(tx, sorted({delivery.digest_id for delivery in claimed}))
            made = [editions.by_id(tx, key) for key in {d.edition_id for d in digests.values()}]
            return Content(
                digests=digests,
                preferences=subscribers.preferences(
                    tx, sorted({d.preferences_key for d in digests.values()})
                ),
                notes={edition.id: edition.note for edition in made},
                rates={edition.id: edition.rate for edition in made},
                shown=self._shown(tx, editions.story_ids(digests.values())),
            )

    def mail(self, delivery: Claimed, content: Content, now: datetime) -> Mail | None:
        """A delivery as it goes out; None when all of its stories were hidden since."""
        hour = (delivery.cadence, delivery.weekday, delivery.send_minute)
        key = (delivery.digest_id, delivery.planned_at, delivery.zone, hour)
        if key not in content.filled:
            if len(content.filled) >= FILLED_KEPT:  # those of a digest come together
                content.filled.clear()
            content.filled[key] = self._filled(delivery, content)
        filled = content.filled[key]
        if filled is None:
            return None
        parts = envelope(delivery, self.sender, self.links, now=now)
        message = signed(filled.pour(parts.headers, parts.values), self.sender.signers, now)
        return Mail(delivery, parts.sender, parts.recipient, message)

    def _shown(self, tx: Tx, story_ids: Collection[int]) -> Mapping[int, ShownStory]:
        """The stories as they are now; of those that we have, only version and visibility are asked for."""
        marks = articles.story_marks(tx, story_ids)
        if len(self._stories) > STORIES_KEPT:
            self._stories.clear()
        outdated = [
            key
            for key, mark in marks.items()
            if key not in self._stories or _mark(self._stories[key]) != mark
        ]
        self._stories.update(articles.shown_stories(tx, outdated))
        return {key: self._stories[key] for key in marks if key in self._stories}

    def _filled(self, delivery: Claimed, content: Content) -> MessageMould | None:
        """The message but for what is one reader's alone."""
        zone = zone_or_utc(delivery.zone or "UTC")
        pattern = self._pattern(content.digests[delivery.digest_id], content, zone)
        return pattern.mould.filled(pattern.why.lines(delivery)) if pattern else None

    def _pattern(self, digest: Digest, content: Content, zone: tzinfo) -> Pattern | None:
        """The digest's mould for readers of a zone, made anew when a story of it changed or was hidden.

        None when nothing is left to show.
        """
        shown = [
            content.shown.get(story) for _, stories in editions.stories_of(digest) for story, _ in stories
        ]
        versions = [(story.id, story.version) for story in shown if story and not story.hidden]
        if not versions:
            return None
        key = f"{digest.id}:{zone}:{hash(tuple(versions))}"
        if key not in self._patterns:
            self._patterns[key] = self._made(digest, content, zone)
            if len(self._patterns) > PATTERNS_KEPT:
                self._patterns.popitem(last=False)
        return self._patterns[key]

    def _made(self, digest: Digest, content: Content, zone: tzinfo) -> Pattern:
        wanted = content.preferences[digest.preferences_key]
        copy = Copy(
            subject=digest.subject,
            language=wanted.language,
            note=content.notes[digest.edition_id],
            sections=editions.stories_of(digest),
            web_url=f"{self.sender.site_url}/read/{digest.public_id}",
            most=IN_MAIL[wanted.size],
            zone=zone,
        )
        page = printed(copy, content.shown, self.fragments)
        why = Why(self.tree, tuple(wanted.regions), wanted.language)
        return Pattern(mould(page, digest.edition_id, self.sender), why)


def _mark(story: ShownStory) -> tuple[int, bool]:
    return story.version, story.hidden
