"""Fixtures for tests on both databases: builders, a planner, and what a sender needs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from digest.database import Database
from digest.deliveries.messages.digest_message import SenderIdentity
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending.sending_context import SendingContext
from digest.editions.fragment_values import Site
from digest.editions.fragments import Fragments
from digest.feedback.pure.refusal_kinds import refusal_kind
from digest.own_addresses import NamedAddress
from digest.regions.tree import region_tree as regions
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.pure.links import SignedLinks
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
def sending_context(relay: FakeRelay, tree: RegionTree, clock: StoppedClock) -> SendingContext:
    secret = "a secret of thirty-two characters"
    sender = SenderIdentity(
        NamedAddress("Dateline", "digest@example.org"), "bounces.example.org", "Dateline", SITE, secret
    )
    fragments = Fragments(Site("Dateline", SITE, "1 Test Street"), tree)
    links = SignedLinks(secret, SITE)
    return SendingContext(
        relay, fragments, links, sender, tree, clock, refusal_kind, monotonic=lambda: clock().timestamp()
    )


@pytest.fixture(scope="session")
def shared_mail_server() -> Iterator[MailSink]:
    """A mail server for the whole run."""

    behaviours: dict[str, Behaviour] = {
        "defer": "defer", "refuse": "refuse", "bye": "bye", "drop": "drop", "silent": "silent"
    }  # fmt: skip

    with mail_sink() as sink:
        sink.behaviour_for = lambda recipient: behaviours.get(recipient.partition("@")[0], "accept")
        yield sink


@pytest.fixture
def mail_server(shared_mail_server: MailSink) -> MailSink:
    """A real mail server. A recipient's name decides its behaviour: defer@…, refuse@…, bye@…, drop@…, silent@…."""
    shared_mail_server.received.clear()
    shared_mail_server.connections = 0
    return shared_mail_server


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Four threads, to do things at the same time."""
    with ThreadPoolExecutor(4) as pool:
        yield pool
