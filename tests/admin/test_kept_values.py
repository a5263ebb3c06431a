"""Values that are costly to count: which of them pages keep, and for how long."""

import re

import pytest

from digest.admin import overview
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession


def shown_subscribers(admin: BrowserSession) -> int:
    found = re.search(r"Active subscribers</a></dt><dd>(\d+)</dd>", admin.get_page("/admin/"))
    assert found
    return int(found[1])


def test_only_many_subscribers_are_counted_no_more_than_every_few_minutes(
    admin: BrowserSession, world: World, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.article("A bridge is opened")
    world.subscriber("one@example.org")
    assert shown_subscribers(admin) == 1
    world.subscriber("two@example.org")
    assert shown_subscribers(admin) == 2
    monkeypatch.setattr(overview, "MANY_SUBSCRIBERS", 2)
    world.subscriber("three@example.org")
    assert shown_subscribers(admin) == 2
    clock.advance(minutes=5)
    assert shown_subscribers(admin) == 3
