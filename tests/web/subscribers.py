"""A reader's browser, and where their links lead."""

from flask import Flask
from sqlalchemy import select

from digest.parts import KEY, Parts
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.email_address import read_address
from digest.subscribers.pure.links import Purpose
from digest.subscribers.store import subscribers as store
from tests.web.browser_session import Desk

WISHES = {
    "regions": ["central-asia", "ge"],
    "cadence": "daily",
    "weekday": "0",
    "time": "07:00",
    "zone": "Asia/Tashkent",
}
ANN = "ann@example.com"


def browser(app: Flask) -> Desk:
    """A browser without a session."""
    return Desk(app.test_client())


def parts_of(app: Flask) -> Parts:
    """The application's parts."""
    found: Parts = app.extensions[KEY]
    return found


def path(app: Flask, purpose: Purpose, public_id: str) -> str:
    """Where the link in a mail leads."""
    p = parts_of(app)
    return f"/{purpose}/{p.links.token(purpose, public_id, p.reader.clock())}"


def reader(app: Flask, email: str = ANN) -> Subscriber | None:
    """Who has this address."""
    with parts_of(app).db.read() as tx:
        return store.by_address(tx, read_address(email))


def known(app: Flask, email: str = ANN) -> Subscriber:
    """Who has this address, and somebody must."""
    found = reader(app, email)
    assert found is not None
    return found


def letters(app: Flask) -> list[str]:
    """What kinds of letters are owed, oldest first."""
    with parts_of(app).db.read() as tx:
        return list(tx.scalars(select(Letter.kind).order_by(Letter.id)))


def state_of_everything(app: Flask) -> list[tuple[object, ...]]:
    """All rows about readers, to see whether anything changed."""
    with parts_of(app).db.read() as tx:
        rows = [
            tuple(getattr(row, column.name) for column in row.__table__.columns)
            for table in (Subscriber, Letter)
            for row in tx.scalars(select(table).order_by(table.id))
        ]
    return sorted(rows, key=str)
