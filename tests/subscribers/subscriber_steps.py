"""The steps of a subscriber, as tests take them: subscribe, confirm, leave; and what the database has then."""

from datetime import datetime

from sqlalchemy import func, select

from digest.database import Base, Database
from digest.subscribers import letter_planning, lifecycle
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.store import subscribers as store
from tests.conftest import NOON

SECRET = "secret"
ANN = "ann@example.com"


def subscribe(
    db: Database, now: datetime = NOON, email: str = ANN, regions: tuple[str, ...] = ("ge",)
) -> int | None:
    subscription_request = SubscriptionRequest(
        parse_address(email), Subscription(regions), "192.0.2.1", "Yes, send it"
    )
    with db.begin() as tx:
        return letter_planning.subscribe(tx, subscription_request, secret=SECRET, now=now)


def request_link(db: Database, now: datetime = NOON, email: str = ANN) -> int | None:
    with db.begin() as tx:
        return letter_planning.request_preferences_link(tx, parse_address(email), now)


def find_subscriber(db: Database, email: str = ANN) -> Subscriber | None:
    with db.read() as tx:
        return store.find_by_address(tx, parse_address(email))


def get_subscriber(db: Database, email: str = ANN) -> Subscriber:
    subscriber = find_subscriber(db, email)
    assert subscriber is not None
    return subscriber


def confirm(db: Database, now: datetime = NOON) -> None:
    lifecycle.confirm(
        db, letters(db)[-1].public_id, origin="192.0.2.1", wording="Yes", secret=SECRET, now=now
    )


def leave(db: Database, now: datetime = NOON) -> bool:
    with db.begin() as tx:
        return lifecycle.leave(tx, store.by_public_id(tx, get_subscriber(db).public_id), now)


def count(db: Database, table: type[Base]) -> int:
    with db.read() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def letters(db: Database) -> list[Letter]:
    with db.read() as tx:
        return list(tx.scalars(select(Letter).order_by(Letter.id)))
