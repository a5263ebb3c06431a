"""The tasks of upkeep: each does what is due, says how much, and does nothing where there is nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from celery import Celery
from flask import Flask

from digest import upkeep_tasks
from digest.articles.states import CountedBy
from digest.articles.store import daily_news
from digest.parts import Parts
from digest.sources.store import sources
from digest.subscribers.states import SubscriberState
from tests.builders import World
from tests.conftest import StoppedClock
from tests.subscribers.subscriber_steps import find_subscriber

Task = Callable[[Parts, Celery], None]
EVERY_TASK: list[Task] = [
    upkeep_tasks.prune_articles, upkeep_tasks.forget_unconfirmed, upkeep_tasks.import_subscribers,
    upkeep_tasks.archive_deliveries, upkeep_tasks.delete_expired, upkeep_tasks.read_feedback,
    upkeep_tasks.settle_refusals, upkeep_tasks.post_webhooks,
]  # fmt: skip


@pytest.fixture
def celery(app: Flask) -> Celery:
    found: Celery = app.extensions["celery"]
    return found


def test_where_nothing_is_due_nothing_happens(
    parts: Parts, celery: Celery, caplog: pytest.LogCaptureFixture
) -> None:
    for task in EVERY_TASK:
        task(parts, celery)
    assert [record for record in caplog.records if record.name == upkeep_tasks.__name__] == []


def test_who_never_confirmed_is_forgotten_after_two_weeks(
    parts: Parts, celery: Celery, world: World, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", upkeep_tasks.__name__)
    world.subscriber("ann@example.com", state=SubscriberState.PENDING, confirmed_at=None)
    upkeep_tasks.forget_unconfirmed(parts, celery)
    assert find_subscriber(parts.db) is not None
    clock.advance(days=15)
    upkeep_tasks.forget_unconfirmed(parts, celery)
    assert find_subscriber(parts.db) is None
    assert "forgot 1 people who never confirmed" in caplog.text


def test_old_articles_are_pruned(
    parts: Parts, celery: Celery, world: World, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", upkeep_tasks.__name__)
    world.article("The harbour is frozen over again", ["KZ"])
    clock.advance(days=parts.settings.article_days + 2)
    with parts.db.begin() as tx:
        for source in sources.all_sources(tx):
            source.last_changed_at = clock()  # its document has changed, and no longer lists the article
    upkeep_tasks.prune_articles(parts, celery)
    assert "pruned 1 articles and 1 stories" in caplog.text


def test_a_mailbox_that_cannot_be_read_is_a_warning(
    parts: Parts, celery: Celery, caplog: pytest.LogCaptureFixture
) -> None:
    settings: Any = replace(parts.settings, feedback_mailbox="imap://ann:secret@127.0.0.1:9/")
    upkeep_tasks.read_feedback(replace(parts, settings=settings), celery)
    assert "the mailbox 127.0.0.1:9 failed" in caplog.text
    assert "secret" not in caplog.text


def test_the_news_of_finished_days_are_counted(
    parts: Parts, celery: Celery, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", upkeep_tasks.__name__)
    world.article("The harbour is frozen over again", ["KZ"], age=24)
    for _ in range(2):
        upkeep_tasks.count_news(parts, celery)
    assert caplog.text.count("counted the articles and stories of 90 days") == 1
    with parts.db.read() as tx:
        assert daily_news.load(tx, ["kz"], "2026-03-09")[CountedBy.REGION] == {"kz": {"2026-03-09": (1, 1)}}
