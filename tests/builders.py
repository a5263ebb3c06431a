"""Builders with defaults: readers, sources, articles, as a test needs them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import insert

from digest.articles.ingest import article_upsert
from digest.articles.pure.drafts import Draft
from digest.database import Database
from digest.regions.pure.tagger import Evidence, Tag
from digest.regions.tree.region_tree import RegionTree
from digest.sources.store import sources
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import read_address
from digest.subscribers.pure.subscription import Wishes
from digest.subscribers.store import letters, subscribers


@dataclass
class World:
    """A database with news and readers in it."""

    db: Database
    tree: RegionTree
    clock: Callable[[], datetime]
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def letter(self, reader: Subscriber) -> str:
        """A letter to confirm that a reader is owed: what its link carries."""
        with self.db.begin() as tx:
            letters.owe(tx, reader, "confirm", subscribers.wishes_of(reader), now=self.clock())
        with self.db.read() as tx:
            return letters.of_subscriber(tx, reader)[0].public_id

    def source(self, title: str = "The Steppe Post") -> int:
        """A source; the same title is the same source."""
        url = f"https://{title.lower().replace(' ', '-')}.example/feed.xml"
        with self.db.begin() as tx:
            return (sources.by_url(tx, url) or sources.add(tx, url, title, self.clock())).id

    def article(
        self,
        title: str = "",
        countries: Sequence[str] = ("KZ",),
        *,
        source: str = "The Steppe Post",
        age: float = 1,
    ) -> Draft:
        """A fresh article seen `age` hours ago, about some countries; it opens or joins a story."""
        number = next(self._numbers)
        seen = self.clock() - timedelta(hours=age)
        draft = Draft(
            guid=f"guid-{number}",
            url=f"https://example.net/story/{number}",
            title=title or f"Something of note happened, part {number}",
            excerpt="It happened yesterday. More is not known.",
            text="It happened yesterday. More is not known.",
            author="",
            published_at=seen,
            date_source="published",
            tags=tuple(
                Tag(code, round(1 - 0.1 * place, 2), (Evidence("title", code),))
                for place, code in enumerate(countries)
            ),
            content_hash=f"hash-{number}",
        )
        source_id = self.source(source)
        with self.db.begin() as tx:
            article_upsert.save(tx, source_id, [draft], seen_at=seen, language="en")
        return draft

    def crowd(self, count: int, regions: Sequence[str] = ("central-asia",)) -> None:
        """Many readers who asked for the same, written at once."""
        first = self.reader(regions=regions)
        shared = {c.name: getattr(first, c.name) for c in Subscriber.__table__.columns if c.name != "id"}
        rows = [
            shared
            | {"public_id": f"crowd{n}", "email": f"c{n}@example.com", "email_key": f"c{n}@example.com"}
            for n in range(1, count)
        ]
        with self.db.begin() as tx:
            tx.execute(insert(Subscriber), rows)

    def reader(
        self, email: str = "", regions: Sequence[str] = ("central-asia",), **changes: object
    ) -> Subscriber:
        """An active reader, daily at 07:00 UTC, who was last served a day ago; `changes` go into the row."""
        address = read_address(email or f"reader{next(self._numbers)}@example.com")
        wishes = Wishes(tuple(r.slug for r in self.tree.all() if r.slug in set(regions)))
        with self.db.begin() as tx:
            reader = subscribers.add(tx, address, wishes, self.clock())
            reader.state, reader.confirmed_at = "active", self.clock()
            reader.last_cutoff = self.clock() - timedelta(days=1)
            reader.next_due_at = self.clock()
            for name, value in changes.items():
                setattr(reader, name, value)
        with self.db.read() as tx:
            return subscribers.by_id(tx, reader.id)
