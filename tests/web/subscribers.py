"""A browser without a session, the links in mails, and the rows of subscribers."""

from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select

from digest.parts import EXTENSION_KEY, Parts
from digest.subscribers import letter_requests
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.links import LinkPurpose
from digest.subscribers.store import subscribers as store
from tests.web.browser_session import BrowserSession

SUBSCRIPTION_FORM = {
    "regions": ["central-asia", "ge"],
    "cadence": "daily",
    "weekday": "0",
    "time": "07:00",
    "zone": "Asia/Tashkent",
}
ANN = "ann@example.com"


def new_browser(app: Flask) -> BrowserSession:
    """A browser without a session."""
    return BrowserSession(app.test_client())


def get_parts(app: Flask) -> Parts:
    """The application's parts."""
    found: Parts = app.extensions[EXTENSION_KEY]
    return found


def link_path(app: Flask, purpose: LinkPurpose, public_id: str) -> str:
    """The path of a link in a mail."""
    p = get_parts(app)
    return urlsplit(p.links.url(purpose, public_id, p.clock())).path


def process_requests(app: Flask) -> None:
    """Plan the letters of what was asked for on the pages, as the worker does a moment later."""
    p = get_parts(app)
    letter_requests.process_all(p.db, secret=p.settings.secret_key, per_hour=0, now=p.clock())


def find_subscriber(app: Flask, email: str = ANN) -> Subscriber | None:
    """The subscriber with this address, or None."""
    process_requests(app)
    with get_parts(app).db.read() as tx:
        return store.find_by_address(tx, parse_address(email))


def get_subscriber(app: Flask, email: str = ANN) -> Subscriber:
    """The subscriber with this address."""
    found = find_subscriber(app, email)
    assert found is not None
    return found


def letter_kinds(app: Flask) -> list[str]:
    """The kinds of all letters, oldest first."""
    process_requests(app)
    with get_parts(app).db.read() as tx:
        return list(tx.scalars(select(Letter.kind).order_by(Letter.id)))


def all_subscriber_rows(app: Flask) -> list[tuple[object, ...]]:
    """All rows of subscribers and letters, to see whether anything has changed."""
    process_requests(app)
    with get_parts(app).db.read() as tx:
        rows = [
            tuple(row)
            for table in (Subscriber.__table__, Letter.__table__)
            for row in tx.execute(select(table).order_by(table.c.id))
        ]
    return sorted(rows, key=str)
