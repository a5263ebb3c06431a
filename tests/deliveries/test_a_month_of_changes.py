"""A month of random changes by subscribers and editors: nothing is shown twice, and nothing is missed."""

import os
import random
from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from digest.articles import moderation
from digest.articles.models import Article, Story
from digest.database import Database
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.pure.audience import Audience
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers import lifecycle
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import Cadence, DigestSize
from tests.builders import World
from tests.conftest import StoppedClock
from tests.deliveries.digest_history import shown
from tests.deliveries.test_edition_planner import new_planner, subscriber_regions

REGIONS = ("central-asia", "kz", "ge", "south-caucasus", "asia", "fr", "world")
CODES = ("KZ", "UZ", "GE", "AM", "FR")
MONTHS = int(os.environ.get("MONTHS", "1"))  # `make test-release` tries more


@given(st.integers(0, 10**6))
@settings(max_examples=MONTHS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_over_a_month_of_changes_nothing_is_shown_twice_and_nothing_is_missed(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, seed: int
) -> None:
    """A month of random changes.

    Subscribers change regions, hours, zones, cadence and size, pause and come back. Editors retag, hide, unhide, and
    send by hand. Planning comes late or twice, in small ranges. A subscriber must have what was about their regions at
    the cutoff of each of their windows.
    """
    rng = random.Random(seed)  # noqa: S311 -- Hypothesis says which seed failed
    with db.begin() as tx:  # the examples share a database
        tx.execute(update(Subscriber).values(state="unsubscribed"))
    all_subscribers = [_new_subscriber(world, rng, clock) for _ in range(6)]
    required: dict[int, set[int]] = {subscriber.id: set() for subscriber in all_subscribers}
    hidden: set[int] = set()
    end = clock() + timedelta(days=30)
    while clock() < end:
        clock.advance(minutes=rng.choice([45, 300, 600, 900]))
        if clock() < end - timedelta(days=9):  # then all windows close over what there is
            for _ in range(rng.randrange(3)):
                world.article(countries=rng.sample(CODES, rng.choice([0, 1, 1, 2])), age=0)
            _random_change(db, world, rng, all_subscribers, hidden)
        clock.advance(minutes=2)
        before = _cutoffs(db)
        plan_due(db, new_planner(tree), clock())
        _add_required(db, tree, required, before)
    for subscriber in all_subscribers:
        received_stories = Counter(shown(db, subscriber))
        most = max(received_stories.values(), default=1)
        assert most == 1, f"seed {seed}: subscriber {subscriber.id} had a story twice"
        assert required[subscriber.id] <= set(received_stories), (
            f"seed {seed}: subscriber {subscriber.id} missed {required[subscriber.id] - set(received_stories)}"
        )


def _new_subscriber(world: World, rng: random.Random, clock: StoppedClock) -> Subscriber:
    subscription = _random_subscription(rng)
    return world.subscriber(
        regions=subscription.regions,
        send_minute=subscription.send_minute,
        zone=subscription.zone,
        cadence=subscription.cadence,
        next_due_at=None,
        last_cutoff=clock(),
    )


def _random_subscription(rng: random.Random) -> Subscription:
    return Subscription(
        regions=tuple(sorted(rng.sample(REGIONS, rng.randint(1, 3)))),
        cadence=rng.choice([Cadence.DAILY, Cadence.DAILY, Cadence.WEEKDAYS]),
        send_minute=rng.randrange(96) * 15,
        zone=rng.choice(["UTC", "Asia/Tashkent", "America/New_York", "Pacific/Kiritimati"]),
        size=rng.choice(list(DigestSize)),
    )


def _random_change(
    db: Database, world: World, rng: random.Random, all_subscribers: list[Subscriber], hidden: set[int]
) -> None:
    now, subscriber = world.clock(), rng.choice(all_subscribers)
    with db.read() as tx:
        rows = tx.scalars(select(Article.id).order_by(Article.id.desc()).limit(12)).all()
    match rng.randrange(9):
        case 0 | 1 | 2:
            lifecycle.change_subscription(db, subscriber.public_id, _random_subscription(rng), now=now)
        case 3:
            lifecycle.resume(db, subscriber.public_id, now=now)
            lifecycle.pause(db, subscriber.public_id, now + timedelta(days=rng.randint(1, 4)), now)
        case 4 if rows:
            moderation.retag(db, world.tree, rng.choice(rows), rng.sample(CODES, 2), now=now)
        case 5 if rows:
            key = rng.choice(rows)
            (moderation.unhide if key in hidden else moderation.hide)(db, key, now)
            hidden ^= {key}
        case 6:
            hours = rng.choice([0, 3])
            edition_id = manual_editions.create(
                db, Audience("everyone"), note="", now=now, hours=hours, idempotency_key=str(now)
            )
            manual_editions.plan(db, new_planner(world.tree), edition_id, now)
        case _:
            pass


def _cutoffs(db: Database) -> dict[int, object]:
    with db.read() as tx:
        return {row[0]: row[1] for row in tx.execute(select(Subscriber.id, Subscriber.last_cutoff))}


def _add_required(
    db: Database, tree: RegionTree, required: dict[int, set[int]], before: dict[int, object]
) -> None:
    """Add what subscribers must have received by now, if their window has just closed: the stories about their regions
    that were seen in the window and are not hidden."""
    with db.read() as tx:
        for subscriber in tx.scalars(select(Subscriber).where(Subscriber.id.in_(required))):
            start, end = before[subscriber.id], subscriber.last_cutoff
            if start == end or end is None:
                continue
            countries = tree.countries_of(subscriber_regions(db, subscriber))
            for story in tx.scalars(
                select(Story).where(Story.first_seen_at >= start, Story.first_seen_at < end)
            ):
                about = {tag.country for article in story.articles for tag in article.tags}
                late = story.released_at is not None and story.released_at >= end
                if not story.hidden and not late and about & countries:
                    required[subscriber.id].add(story.id)
