"""Builders with defaults: subscribers, sources and articles for tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count

from sqlalchemy import insert

from digest.articles.ingest import article_upsert
from digest.articles.pure.drafts import ArticleDraft
from digest.articles.states import DateSource
from digest.database import Database
from digest.regions.pure.evidence import Evidence
from digest.regions.pure.tagger import Tag
from digest.regions.tree.region_tree import RegionTree
from digest.sources.store import sources
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, ContentChoices
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import LetterKind, SubscriberState
from digest.subscribers.store import letters, subscribers


def invented_words(number: int) -> str:
    """Ten words that no other number has."""
    return " ".join(sha256(f"{number} {n}".encode()).hexdigest()[:8] for n in range(10))


@dataclass
class World:
    """Writes news and subscribers to a database."""

    db: Database
    tree: RegionTree
    clock: Callable[[], datetime]
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def confirmation_letter(self, subscriber: Subscriber) -> str:
        """Add a letter to confirm a subscription; returns the public id that its link carries."""
        subscription = subscribers.subscription_of(subscriber)
        with self.db.begin() as tx:
            letters.add(tx, subscriber, LetterKind.CONFIRM, subscription, now=self.clock())
        with self.db.read() as tx:
            return letters.of_subscriber(tx, subscriber)[0].public_id

    def source(self, title: str = "The Steppe Post", language: str = "") -> int:
        """The id of the source with this title. It is added if it is missing, with `language`."""
        url = f"https://{title.lower().replace(' ', '-')}.example/feed.xml"
        with self.db.begin() as tx:
            source = sources.find_by_url(tx, url)
            if source is None:
                source = sources.add(tx, url, title, self.clock())
                source.language = language
            return source.id

    def article(
        self,
        title: str = "",
        countries: Sequence[str] = ("KZ",),
        *,
        source: str = "The Steppe Post",
        age: float = 1,
        text: str = "",
    ) -> ArticleDraft:
        """Add an article about some countries that was seen `age` hours ago. It starts or joins a story.

        Without a `text` it has words of its own, so that only a `title` that is like another makes it join.
        """
        draft = self._draft(title, countries, age, text)
        self._add_drafts([draft], source)
        return draft

    def articles(
        self,
        count: int,
        countries: Sequence[str] = ("KZ",),
        *,
        source: str = "The Steppe Post",
        age: float = 1,
    ) -> None:
        """Add articles with words of their own as `article` does, in one transaction. Each starts a story."""
        drafts = [self._draft("", countries, age, "") for _ in range(count)]
        self._add_drafts(drafts[::-1], source)  # feeds list the newest first

    def _add_drafts(self, drafts: Sequence[ArticleDraft], source: str) -> None:
        source_id, seen_at = self.source(source), drafts[0].published_at
        with self.db.begin() as tx:
            article_upsert.upsert_articles(tx, source_id, drafts, seen_at=seen_at, language="en")

    def _draft(self, title: str, countries: Sequence[str], age: float, text: str) -> ArticleDraft:
        number = next(self._numbers)
        return ArticleDraft(
            guid=f"guid-{number}",
            url=f"https://example.net/story/{number}",
            title=title or f"Something of note happened: {invented_words(number)}",
            excerpt="It happened yesterday. More is not known.",
            text=text or f"It happened yesterday. More is not known. {invented_words(number)}",
            author="",
            published_at=self.clock() - timedelta(hours=age),
            date_source=DateSource.PUBLISHED,
            tags=tuple(
                Tag(code, round(1 - 0.1 * place, 2), (Evidence("title", code),))
                for place, code in enumerate(countries)
            ),
            content_hash=f"hash-{number}",
        )

    def many_subscribers(self, count: int, regions: Sequence[str] = ("central-asia",)) -> None:
        """Add many subscribers with the same preferences in one statement."""
        first = self.subscriber(regions=regions)
        shared = {c.name: getattr(first, c.name) for c in Subscriber.__table__.columns if c.name != "id"}
        rows = [
            shared
            | {"public_id": f"crowd{n}", "email": f"c{n}@example.com", "email_key": f"c{n}@example.com"}
            for n in range(1, count)
        ]
        with self.db.begin() as tx:
            tx.execute(insert(Subscriber), rows)

    def subscriber(
        self,
        email: str = "",
        regions: Sequence[str] = ("central-asia",),
        *,
        content: ContentChoices = DEFAULT_CONTENT,
        language: str = "en",
        **changes: object,
    ) -> Subscriber:
        """Add an active subscriber, daily at 07:00 UTC, whose window began a day ago. `changes` are set in the row."""
        address = parse_address(email or f"reader{next(self._numbers)}@example.com")
        subscription = Subscription(tuple(regions), language=language, content=content)
        with self.db.begin() as tx:
            row = subscribers.add(tx, address, subscription, self.clock())
            row.state, row.confirmed_at = SubscriberState.ACTIVE, self.clock()
            row.last_cutoff = self.clock() - timedelta(days=1)
            row.next_due_at = self.clock()
            for name, value in changes.items():
                setattr(row, name, value)
        with self.db.read() as tx:
            return subscribers.by_id(tx, row.id)
