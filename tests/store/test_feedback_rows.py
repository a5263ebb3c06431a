"""What came back, on both databases: kept once, counted, and listed."""

from dataclasses import replace

import pytest

from digest.database import Database
from digest.feedback import store, suppression_csv
from digest.parts import Parts
from digest.subscribers.store import suppressions
from tests.builders import World
from tests.conftest import StoppedClock
from tests.feedback.conftest import Post, bounce, complaint


@pytest.fixture
def mail(db: Database, parts: Parts, world: World, clock: StoppedClock) -> Post:
    return Post(replace(parts, db=db), world, clock, parts.feedback())


def test_feedback_is_kept_once_and_counted(mail: Post, world: World) -> None:
    dead, full, cross = (
        world.reader("a@far.example"),
        world.reader("b@far.example"),
        world.reader("c@near.example"),
    )
    paths = {reader.id: mail.return_path(mail.delivery(reader)) for reader in (dead, full, cross)}
    for _ in range(2):
        mail.take(bounce(paths[dead.id], dead.email, tag="dead"))
        mail.take(bounce(paths[full.id], full.email, status="5.2.2", said="552 full", tag="full"))
        mail.take(complaint("x@example.org", f"Return-Path: <{paths[cross.id]}>"))
    with mail.db.read() as tx:
        assert store.by_domain(tx, mail.clock()) == {
            "far.example": {"hard": 1, "soft": 1},
            "near.example": {"complaint": 1},
        }
        reasons = store.by_reason(tx, mail.clock())
        assert sorted(reasons) == [
            ("bounce", "hard", "nouser", 1),
            ("bounce", "soft", "mailboxfull", 1),
            ("complaint", "", "abuse", 1),
        ]
        rows, total = store.newest(tx, "bounce", "far.example", "")
        assert (total, [reader.email for _, reader in rows]) == (2, ["b@far.example", "a@far.example"])
        assert suppressions.count_by_reason(tx) == {"bounced": 1, "complained": 1}
        listed, all_of_them = suppressions.listing(tx, "")
        assert all_of_them == 2
        assert {reader.email for _, reader in listed if reader} == {"a@far.example", "c@near.example"}
    assert len(list(suppression_csv.export(mail.db))) == 3


def test_soft_bounces_add_up(mail: Post, world: World) -> None:
    reader = world.reader()
    for number in range(5):
        path = mail.return_path(mail.delivery(reader))
        mail.take(bounce(path, reader.email, status="4.2.2", said="452 full", tag=str(number)))
        mail.forward(days=2)
    assert mail.reader(reader).state == "suppressed"


def test_a_delivery_that_is_folded_away_leaves_its_feedback(mail: Post, world: World) -> None:
    reader = world.reader()
    delivery = mail.delivery(reader)
    mail.take(bounce(mail.return_path(delivery), reader.email, status="5.2.2", said="552 full"))
    with mail.db.begin() as tx:
        found = store.delivery(tx, delivery.id)
        assert found
        tx.delete(found)
    assert [row.delivery_id for row in mail.rows(reader)] == [None]
