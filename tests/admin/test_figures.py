"""The page with charts: what it counts, on both databases, and the table under each chart."""

import re
from datetime import timedelta

from digest.articles import news_counts
from digest.articles.store import daily_counts as article_counts
from digest.database import Database
from digest.deliveries.models import ArchivedDeliveryCount, DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import daily_counts as delivery_counts
from digest.editions.models import Edition
from digest.editions.states import EditionKind, EditionState
from digest.feedback.models import Feedback
from digest.feedback.states import FeedbackKind
from digest.parts import Parts
from digest.regions.tree import region_tree
from digest.subscribers.store import daily_counts as subscriber_counts
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession

DAY = timedelta(days=1)


def add_mails(db: Database, world: World) -> None:
    """An edition of yesterday with a range of mails, one of two days ago that is archived, and a test."""
    now = world.clock()
    with db.begin() as tx:
        for number, kind in ((1, EditionKind.SCHEDULED), (2, EditionKind.MANUAL), (3, EditionKind.TEST)):
            tx.add(
                Edition(
                    id=number,
                    kind=kind,
                    slot=str(number),
                    state=EditionState.SENT,
                    cutoff=now,
                    created_at=now - min(number, 2) * DAY,
                )
            )
        tx.flush()
        for number in (1, 3):
            tx.add(
                DeliveryRange(
                    edition_id=number,
                    after_id=0,
                    up_to_id=9,
                    first_digest_id=1,
                    first_id=1,
                    last_digest_id=1,
                    last_id=9,
                    counts={"accepted": 7, "refused": 2},
                )
            )
        tx.add(ArchivedDeliveryCount(edition_id=2, state=DeliveryState.ACCEPTED, count=5))


def test_the_counts_are_by_utc_day(db: Database, clock: StoppedClock) -> None:
    world = World(db, region_tree.load(), clock)
    now = clock()
    world.subscriber(confirmed_at=now - DAY)
    world.subscriber(confirmed_at=now, left_at=now, state="unsubscribed")
    world.subscriber(confirmed_at=now - 40 * DAY)
    world.article(age=1)
    world.article(age=25)
    world.article(age=26, source="Harbour Wire")
    add_mails(db, world)
    since = now - 7 * DAY
    with db.read() as tx:
        assert subscriber_counts.joined_by_day(tx, since) == {"2026-03-09": 1, "2026-03-10": 1}
        assert subscriber_counts.joined_by_day(tx, since, now - DAY / 2) == {"2026-03-09": 1}
        assert subscriber_counts.left_by_day(tx, since) == {"2026-03-10": 1}
        by_source = article_counts.by_source_and_day(tx, since)
        assert by_source == {1: {"2026-03-10": 1, "2026-03-09": 1}, 2: {"2026-03-09": 1}}
        outcomes = delivery_counts.outcomes_by_day(tx, since)
        assert outcomes == {"2026-03-09": {"accepted": 7, "refused": 2}, "2026-03-08": {"accepted": 5}}


def test_the_page_draws_each_chart_and_has_its_numbers_as_a_table(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article()
    world.subscriber()
    add_mails(parts.db, world)
    for days in (7, 30, 90):
        page = editor.get_page(f"/admin/figures?days={days}")
        assert page.count('role="img"') == 4
        assert page.count('<th scope="row">') == 4 * days
        assert "Accepted: 12" in page
        assert "style=" not in page
    assert "<td>7</td><td>2</td>" in page


def test_an_empty_site_has_no_charts(editor: BrowserSession) -> None:
    assert editor.get_page("/admin/figures?days=x").count("Nothing in this time.") == 5


def test_mails_of_older_days_are_counted_within_minutes_and_news_once(
    editor: BrowserSession, world: World, parts: Parts, clock: StoppedClock
) -> None:
    world.article("An old report", age=5 * 24)
    world.article("A report of yesterday", age=24)
    add_mails(parts.db, world)

    def shown() -> list[str]:
        page = editor.get_page("/admin/figures?days=7")
        return re.findall(r"(?:Accepted|The Steppe Post): \d+", page)

    assert shown() == ["Accepted: 12", "The Steppe Post: 1"]
    assert "5 days before are still to be counted" in editor.get_page("/admin/figures?days=7")
    world.article("A new report", age=1)
    assert shown() == ["Accepted: 12", "The Steppe Post: 2"]
    assert news_counts.count_finished_days(parts.db, parts.tree, clock()) == news_counts.COUNTED_BACK
    world.article("A later report", age=5 * 24)
    world.article("The newest report", age=0)
    with parts.db.begin() as tx:
        tx.add(ArchivedDeliveryCount(edition_id=1, state=DeliveryState.ACCEPTED, count=3))
    assert shown() == ["Accepted: 15", "The Steppe Post: 4"]
    assert "still to be counted" not in editor.get_page("/admin/figures?days=7")


def test_news_are_shown_by_the_parts_of_a_region_as_articles_or_stories(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Floods close the pass", ["KZ", "KG"])
    world.article("Floods close the pass", ["KZ"], source="Harbour Wire")
    world.article("A bridge opens", ["FR"])
    page = editor.get_page("/admin/figures?days=7")
    assert "Asia: 2" in page
    assert "Europe: 1" in page
    stories = editor.get_page("/admin/figures?days=7&count=stories&region=central-asia")
    assert re.findall(r"(Kazakhstan|Kyrgyzstan|France|Harbour Wire|The Steppe Post): (\d+)", stories) == [
        ("Kazakhstan", "1"), ("Kyrgyzstan", "1"), ("The Steppe Post", "2"), ("Harbour Wire", "1"),
    ]  # fmt: skip
    assert 'href="/admin/figures?days=30&amp;region=central-asia&amp;count=stories"' in stories
    assert editor.get("/admin/figures?region=atlantis").status_code == 404
    assert "Asia: 2" in editor.get_page("/admin/figures?days=7&count=letters")


def test_feedback_is_a_share_of_the_accepted_mails(
    editor: BrowserSession, world: World, parts: Parts, clock: StoppedClock
) -> None:
    add_mails(parts.db, world)
    reader = world.subscriber()
    with parts.db.begin() as tx:
        for kind, origin in (
            ("bounce", "mailbox"),
            ("bounce", "relay"),
            ("unsubscribe", "page"),
            ("lifted", "editor"),
        ):
            tx.add(Feedback(at=clock(), kind=FeedbackKind(kind), origin=origin, subscriber_id=reader.id))
    page = editor.get_page("/admin/figures?days=7")
    assert "Bounced: 1" in page
    assert "Complaints:" not in page
    assert "Of 12 accepted mails: Bounced 8.33%, Unsubscribed 8.33%" in page
