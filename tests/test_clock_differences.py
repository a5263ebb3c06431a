"""Clocks of machines that differ are found, and said in `dateline doctor` and on the newsroom's first page."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from digest import broker_state, clock
from digest.app import create_app
from digest.cli.doctor import doctor
from digest.clock import Clock
from digest.clock_differences import ClockDifference, find_differences
from digest.database import Database
from digest.parts import EXTENSION_KEY, Parts
from digest.settings import Settings
from tests.broker_fixtures import running_broker
from tests.cli.conftest import RunCommand, run  # noqa: F401  (a fixture)
from tests.web.browser_session import sign_in_as


@pytest.fixture
def app(settings: Settings, app: Flask) -> Iterator[Flask]:
    """The application with a broker that answers, and the real clock."""
    with running_broker() as url:
        app.extensions["celery"] = create_app(replace(settings, redis_url=url)).extensions["celery"]
        set_clock(app, clock.now)
        yield app


def set_clock(app: Flask, own: Clock) -> None:
    app.extensions[EXTENSION_KEY] = replace(app.extensions[EXTENSION_KEY], clock=own)


def tell(app: Flask, machine: str, seconds: float) -> None:
    """Write what a worker on another machine tells."""
    with app.extensions["celery"].pool.acquire() as connection:
        redis = connection.default_channel.client
        redis.hset(broker_state.CLOCKS_KEY, machine, json.dumps([seconds, redis.time()[0]]))


def differences(app: Flask) -> list[ClockDifference]:
    return list(find_differences(app.extensions[EXTENSION_KEY], app.extensions["celery"]))


def test_clocks_that_agree_are_not_mentioned(app: Flask) -> None:
    tell(app, "worker-1", 2.5)
    assert differences(app) == []


def test_each_machine_whose_clock_differs_is_named(app: Flask) -> None:
    tell(app, "worker-1", 95.2)
    tell(app, "worker-2", -22.0)
    assert differences(app) == [ClockDifference("worker-1", 95), ClockDifference("worker-2", -22)]


def test_this_process_is_compared_too(app: Flask) -> None:
    set_clock(app, lambda: clock.now() - timedelta(hours=2))
    (found,) = differences(app)
    assert found.seconds == pytest.approx(-7200, abs=1)


def test_nothing_is_said_while_the_broker_does_not_answer(app: Flask, settings: Settings) -> None:
    tell(app, "worker-1", 95)
    app.extensions["celery"] = create_app(settings).extensions["celery"]
    assert differences(app) == []


def test_the_clock_of_postgresql_is_compared(app: Flask, parts: Parts, postgres_url: str) -> None:
    database = Database(postgres_url)
    celery = app.extensions["celery"]
    assert list(find_differences(replace(parts, db=database), celery)) == []
    lead = database.clock_lead(lambda: clock.now() - timedelta(seconds=40))
    assert lead is not None
    assert lead.total_seconds() == pytest.approx(40, abs=1)
    # This machine's clock is behind both; so the database's agrees with the broker's.
    behind = replace(parts, db=database, clock=lambda: clock.now() - timedelta(seconds=40))
    assert [found.seconds for found in find_differences(behind, celery)] == [-40]
    database.close()


def test_the_doctor_says_whose_clock_differs_by_how_much_and_what_to_do(app: Flask, run: RunCommand) -> None:  # noqa: F811
    assert "✓ clocks: ok" in run(doctor).out
    tell(app, "worker-1", -95)
    result = run(doctor)
    assert (
        "✗ clocks: the clock of worker-1 is 95 s behind the broker's; set the clocks of all machines by NTP"
        in result.out
    )
    assert result.status == 1


def test_the_newsroom_says_whose_clock_differs(app: Flask) -> None:
    editor = sign_in_as(app, "editor")
    assert "The clock of" not in editor.get_page("/admin/")
    tell(app, "worker-1", 95)
    page = editor.get_page("/admin/")
    assert (
        "The clock of worker-1 is 95 seconds ahead of the broker&#39;s. Set the clocks of all machines by NTP."
        in page
    )
    tell(app, "worker-1", -95)
    assert "The clock of worker-1 is 95 seconds behind the broker&#39;s." in editor.get_page("/admin/")
