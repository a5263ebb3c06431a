"""What somebody would get, made by the very code that sends, without writing or sending anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from markupsafe import escape

from digest.articles.pure.shown_story import ShownStory
from digest.articles.store import articles
from digest.database import Database, Tx
from digest.deliveries.messages.digest_message import Why, envelope, mould
from digest.deliveries.planning import edition_planner
from digest.deliveries.planning.edition_planner import Planner
from digest.deliveries.sending.delivery_sender import Post
from digest.deliveries.store.claims import Claimed
from digest.deliveries.store.plans import FIRST_WINDOW
from digest.editions.composer import Composer, gathered
from digest.editions.models import Edition
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.pure.selection import IN_MAIL
from digest.editions.rendering import Copy, Printed, printed
from digest.editions.store import editions
from digest.editions.store.editions import SectionRow
from digest.mail.pure.mime import quoted_printable
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Preferences, Subscriber
from digest.subscribers.pure.subscription import preferences_key
from digest.subscribers.store import subscribers

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class PreviewStory:
    """A story of a preview: the reader's regions it belongs to (first the one it stands under), and its sources."""

    id: int
    title: str
    url: str
    countries: tuple[str, ...]
    regions: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """A digest as one reader would get it. Its links are of nobody: they show what is there, and change nothing."""

    printed: Printed
    values: Mapping[str, str]  # of its slots
    stories: tuple[PreviewStory, ...]
    regions: tuple[str, ...]
    language: str
    window: Window
    message: bytes  # as it would go over the wire

    @property
    def subject(self) -> str:
        """The subject line."""
        return self.printed.subject

    @property
    def preheader(self) -> str:
        """What mail clients show behind the subject."""
        return self.printed.preheader

    @cached_property
    def html(self) -> str:
        """The HTML part, decoded."""
        return self.printed.html.text({name: str(escape(v)) for name, v in self.values.items()})

    @cached_property
    def text(self) -> str:
        """The text part, decoded."""
        return self.printed.text.text(self.values)

    @cached_property
    def html_bytes(self) -> int:
        """Octets of the HTML part as sent."""
        return len(quoted_printable(self.html))

    @cached_property
    def text_bytes(self) -> int:
        """Octets of the text part as sent."""
        return len(quoted_printable(self.text))

    def as_json(self) -> dict[str, Any]:
        """What `dateline editions preview --format json` prints."""
        return {
            "subject": self.subject,
            "preheader": self.preheader,
            "stories": [
                {"id": s.id, "title": s.title, "url": s.url, "countries": s.countries, "regions": s.regions,
                 "sources": s.sources}
                for s in self.stories
            ],
            "html_bytes": self.html_bytes,
            "text_bytes": self.text_bytes,
            "window": [moment.isoformat() for moment in self.window],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose digest: that of some regions in a language, over a window, under a note of the editor's."""

    regions: tuple[str, ...]
    language: str
    window: Window
    note: str = ""
    size: str = "standard"
    reader: Subscriber | None = None  # whose hour and zone it tells of


def of_regions(db: Database, post: Post, wanted: Wanted) -> Preview | None:
    """What a reader of these regions would get who was last served at the window's start; None: nothing is new."""
    start, end = wanted.window
    key = preferences_key(wanted.regions, wanted.language, wanted.size)
    preferences = Preferences(
        key=key, regions=list(wanted.regions), language=wanted.language, size=wanted.size
    )
    with db.read() as tx:
        made = Composer(tx, post.tree, start=start, cutoff=end).digest(preferences, start, note=wanted.note)
        if made is None:
            return None
        digest = made.digest
        return of_decided(tx, post, wanted, Decided(digest.subject, digest.sections, digest.public_id))


def of_reader(
    db: Database, post: Post, subscriber_id: int, now: datetime, *, back: timedelta | None = None
) -> tuple[Wanted, Preview | None]:
    """What a subscriber would get if it were due now; with `back`, of that long instead of since their last digest."""
    with db.read() as tx:
        reader = subscribers.by_id(tx, subscriber_id)
        start = now - back if back else min(reader.last_cutoff or now - FIRST_WINDOW, now)
        asked = reader.preferences
        wanted = Wanted(tuple(asked.regions), asked.language, (start, now), size=asked.size, reader=reader)
        if not back:
            edition = Edition(id=0, cutoff=now, note="", hours=0)
            made = edition_planner.of_reader(tx, Planner(post.tree, timedelta(0)), edition, reader)
            decided = Decided(made.subject, made.sections, made.public_id) if made else None
            return wanted, of_decided(tx, post, wanted, decided) if decided else None
    return wanted, of_regions(db, post, wanted)


def of_digest(db: Database, post: Post, digest_id: int) -> Preview | None:
    """A digest of an edition as it goes out now, without the stories hidden since; None when none is left."""
    with db.read() as tx:
        digest = editions.digest(tx, digest_id)
        edition = editions.by_id(tx, digest.edition_id)
        asked = subscribers.preferences(tx, [digest.preferences_key])[digest.preferences_key]
        window = (digest.window_start, edition.cutoff)
        wanted = Wanted(tuple(asked.regions), asked.language, window, edition.note, asked.size)
        decided = Decided(digest.subject, editions.stories_of(digest), digest.public_id)
        found = of_decided(tx, post, wanted, decided)
    return found if found.stories else None


@dataclass(frozen=True, slots=True)
class Decided:
    """What a digest holds, and where its web edition is."""

    subject: str
    sections: tuple[SectionRow, ...]
    public_id: str


def of_decided(tx: Tx, post: Post, wanted: Wanted, digest: Decided) -> Preview:
    """A digest as it is decided, printed and put into its envelope by what prints and sends."""
    shown = articles.shown_stories(tx, (story for _, stories in digest.sections for story, _ in stories))
    web_url = f"{post.sender.site_url}/read/{digest.public_id}"
    most = IN_MAIL[wanted.size]
    zone = zone_or_utc(wanted.reader.zone if wanted.reader else "UTC")
    copy = Copy(digest.subject, wanted.language, wanted.note, digest.sections, web_url, most=most, zone=zone)
    page = printed(copy, shown, post.fragments)
    why = Why(post.tree, wanted.regions, wanted.language)
    _, end = wanted.window
    delivery = _delivery(wanted.reader, end)
    parts = envelope(delivery, post.sender, post.links, now=end)
    lines = why.lines(delivery)
    return Preview(
        printed=page,
        values={**lines, **parts.values},
        stories=_stories(post.tree, wanted, digest, shown),
        regions=wanted.regions,
        language=wanted.language,
        window=wanted.window,
        message=mould(page, 0, post.sender).filled(lines).pour(parts.headers, parts.values),
    )


def _delivery(reader: Subscriber | None, now: datetime) -> Claimed:
    """A delivery that is not in the database; without a public id, so that no link in it is a reader's."""
    return Claimed(
        id=0,
        edition_id=0,
        digest_id=0,
        attempts=0,
        in_doubt=False,
        planned_at=now,
        test_address="preview@dateline.example",
        email=reader.email if reader else None,
        public_id=None,
        state=None,
        cadence=reader.cadence if reader else None,
        weekday=reader.weekday if reader else None,
        send_minute=reader.send_minute if reader else None,
        zone=reader.zone if reader else None,
    )


def _stories(
    tree: RegionTree, wanted: Wanted, digest: Decided, shown: Mapping[int, ShownStory]
) -> tuple[PreviewStory, ...]:
    countries = {slug: tree.expand([slug]) for slug in wanted.regions}
    return tuple(
        PreviewStory(
            id=story.id,
            title=story.lead.title,
            url=story.lead.url,
            countries=story.countries,
            regions=(
                under,
                *(s for s in wanted.regions if s != under and countries[s] & set(story.countries)),
            ),
            sources=(story.lead.source, *(report.source for report in story.also_in)),
        )
        for under, ids in gathered(digest.sections)
        for story in (shown[i] for i, _ in ids if i in shown)
        if not story.hidden
    )
