"""What the tests on both databases share: readers and news in an empty database, and somebody to send."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from digest.database import Database
from digest.deliveries.messages.digest_message import Sender
from digest.deliveries.planning.edition_planner import Planner
from digest.deliveries.sending.delivery_sender import Post
from digest.editions.fragments import Fragments, Site
from digest.regions.tree import region_tree as regions
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.pure.links import Links
from tests.builders import World
from tests.conftest import StoppedClock
from tests.fake_relay import FakeRelay
from tests.smtp_sink import Behaviour, MailSink, mail_sink

SITE = "https://news.example.org"


@pytest.fixture(scope="session")
def tree() -> RegionTree:
    return regions.load()


@pytest.fixture
def world(db: Database, tree: RegionTree, clock: StoppedClock) -> World:
    return World(db, tree, clock)


@pytest.fixture
def planner(tree: RegionTree) -> Planner:
    return Planner(tree, timedelta(hours=6))


@pytest.fixture
def relay() -> FakeRelay:
    return FakeRelay()


@pytest.fixture
def post(relay: FakeRelay, tree: RegionTree, clock: StoppedClock) -> Post:
    secret = "a secret of thirty-two characters"
    sender = Sender("Dateline <digest@example.org>", "bounces.example.org", "Dateline", SITE, secret)
    fragments = Fragments(Site("Dateline", SITE, "1 Test Street"), tree)
    links = Links(secret, SITE)
    return Post(relay, fragments, links, sender, tree, clock, ticks=lambda: clock().timestamp())


@pytest.fixture(scope="session")
def one_mail_server() -> Iterator[MailSink]:
    """Opened once: it takes half a second to close."""

    def treat(recipient: str) -> Behaviour:
        named: dict[str, Behaviour] = {
            "defer": "defer", "refuse": "refuse", "bye": "bye", "drop": "drop", "silent": "silent"
        }  # fmt: skip
        return named.get(recipient.partition("@")[0], "accept")

    with mail_sink() as sink:
        sink.treat = treat
        yield sink


@pytest.fixture
def mail_server(one_mail_server: MailSink) -> MailSink:
    """A real mail server; whom it treats how is in the name: defer@…, refuse@…, bye@…, drop@…, silent@…."""
    one_mail_server.taken.clear()
    one_mail_server.connections = 0
    return one_mail_server


@pytest.fixture
def two() -> Iterator[ThreadPoolExecutor]:
    """Two (or more) at once."""
    with ThreadPoolExecutor(4) as pool:
        yield pool
