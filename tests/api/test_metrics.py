"""/metrics: who may read it, what it has, and that dashboard, rules and documents name what is exported."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from digest.app import create_app
from digest.deliveries.store import deliveries
from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Refused
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.pure.session import Mail
from digest.mail.relay import SmtpRelay
from digest.monitoring import measuring
from digest.monitoring.answers import count_outcomes, outcome_name
from digest.monitoring.run_records import record_heartbeats, recorded_run
from digest.monitoring.series import HELP, PREFIX
from digest.monitoring.states import ProbeKind
from digest.parts import Parts
from digest.project_files import ROOT
from digest.settings import Settings
from tests.builders import World
from tests.conftest import StoppedClock
from tests.smtp_sink import Behaviour, mail_sink

TOKEN = "a token of the monitoring that is long enough"
STRANGER = {"REMOTE_ADDR": "10.1.2.3"}
NAME = re.compile(r"dateline_[a-z_]+")
HISTOGRAM_SUFFIXES = ("", "_bucket", "_sum", "_count")


def samples(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """The samples of a scrape by name and values of labels."""
    response = client.get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name.removeprefix(PREFIX), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def exported_names() -> set[str]:
    """The names of all series."""
    names = {PREFIX + str(name) for name in HELP if name not in ("build", "http_request_seconds")}
    return names | {
        PREFIX + "build_info",
        *(PREFIX + "http_request_seconds" + suffix for suffix in HISTOGRAM_SUFFIXES),
    }


def test_metrics_are_for_this_machine_and_for_the_token(settings: Settings) -> None:
    client = create_app(replace(settings, monitoring_token=TOKEN)).test_client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base=STRANGER).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    right, wrong = ({"Authorization": f"Bearer {token}"} for token in (TOKEN, "x" * 40))
    assert client.get("/metrics", environ_base=STRANGER, headers=right).status_code == 200
    assert client.get("/metrics", environ_base=STRANGER, headers=wrong).status_code == 404


def test_without_a_database_the_scrape_says_so(settings: Settings) -> None:
    values = samples(create_app(settings).test_client())
    assert (values[("database_up",)], values[("broker_up",)]) == (0, 0)
    assert values[("problem", "error", "database_away", "")] == 1


def test_a_scrape_has_what_the_rows_say(
    app: Flask, client: FlaskClient, parts: Parts, world: World, clock: StoppedClock
) -> None:
    world.subscriber()
    world.article()
    record_heartbeats(parts.db, clock, ["beat"], parts.settings.var)
    with recorded_run(parts.db, clock, "articles.prune"):
        pass
    with measuring.probed(parts.db, clock, ProbeKind.MAIL_SERVER, "mx:25"):
        pass
    measuring.take_measures(parts.db, clock)
    clock.advance(minutes=40)
    client.get("/healthz")
    client.get("/nowhere")
    values = samples(client)
    assert values[("oldest_due_seconds", "subscriber")] == 2400
    assert values[("oldest_due_seconds", "delivery")] == 0
    assert values[("problem", "error", "subscribers_late", "")] == 1
    assert values[("mail_server_up", "mx:25")] == 1
    assert values[("task_runs_total", "articles.prune")] == 1
    assert values[("task_last_succeeded", "articles.prune")] == 1
    assert values[("subscribers", "active")] == 1
    assert values[("articles_last_hour",)] == 1
    assert values[("http_requests_total", "GET", "health.healthz", "200")] == 1
    assert values[("http_requests_total", "GET", "none", "404")] == 1
    assert values[("http_request_seconds_bucket", "+Inf", "health.healthz")] == 1
    assert values[("http_request_seconds_count", "health.healthz")] == 1


def test_every_series_is_exported_under_a_documented_name(
    client: FlaskClient, parts: Parts, world: World, clock: StoppedClock
) -> None:
    families = {
        family.name
        for family in text_string_to_metric_families(client.get("/metrics").text)
        if family.samples
    }
    typed = set(re.findall(r"^# TYPE (\S+)", client.get("/metrics").text, re.MULTILINE))
    shown = {PREFIX + ("build_info" if name == "build" else str(name)) for name in HELP}
    assert typed == shown
    assert {PREFIX + "database_up", PREFIX + "build_info"} <= families


@pytest.mark.parametrize(
    "path", ["monitoring.md", "monitoring/prometheus-rules.yaml", "monitoring/grafana-dashboard.json"]
)
def test_documents_name_only_series_that_are_exported(path: str) -> None:
    named = set(NAME.findall((ROOT / "docs" / path).read_text())) - {PREFIX}
    assert named - exported_names() == set()
    assert len(named) >= 6


def test_the_manual_lists_every_series_and_the_dashboard_is_a_dashboard() -> None:
    manual = (ROOT / "docs" / "monitoring.md").read_text()
    listed = set(re.findall(r"^\| `(dateline_[a-z_]+)` \|", manual, re.MULTILINE))
    assert listed == {PREFIX + ("build_info" if name == "build" else str(name)) for name in HELP}
    dashboard = json.loads((ROOT / "docs" / "monitoring" / "grafana-dashboard.json").read_text())
    assert all(panel["targets"] for panel in dashboard["panels"])
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_the_rules_are_ones_that_prometheus_reads() -> None:
    rules = (ROOT / "docs" / "monitoring" / "prometheus-rules.yaml").read_text()
    alerts = re.findall(r"^      - alert: (\w+)\n        expr: (.+)$", rules, re.MULTILINE)
    assert len(alerts) == rules.count("- alert:") >= 8
    assert rules.count("(") == rules.count(")")


@pytest.fixture
def counted_mails(parts: Parts) -> Iterator[list[Mail]]:
    mails = [
        Mail(name, "b@example.org", f"{name}@gmail.com", b"\r\nhello\r\n")
        for name in ("ann", "refuse", "defer")
    ]
    mails.append(Mail("eve", "b@example.org", "eve@village.example", b"\r\nhello\r\n"))
    with mail_sink() as sink:
        behaviours: dict[str, Behaviour] = {"refuse": "refuse", "defer": "defer"}
        sink.behaviour_for = lambda recipient: behaviours.get(recipient.partition("@")[0], "accept")
        count = count_outcomes(parts.figures, frozenset({"gmail.com"}))
        relay = SmtpRelay(parse_smtp_url(sink.url), count_outcome=count)
        relay.send_all(iter(mails), lambda _outcomes: None)
        relay.close()
        yield mails


def test_answers_of_mail_servers_are_counted_by_server_domain_and_outcome(
    client: FlaskClient, counted_mails: list[Mail]
) -> None:
    answers = {
        name[1:3]: value for name, value in samples(client).items() if name[0] == "mail_server_answers_total"
    }
    assert sum(answers.values()) == len(counted_mails)
    assert answers == {
        ("gmail.com", "accepted"): 1,
        ("gmail.com", "refused"): 1,
        ("gmail.com", "deferred"): 1,
        ("other", "accepted"): 1,
    }


def test_each_outcome_has_a_name() -> None:
    assert [outcome_name(kind("")) for kind in (Accepted, Deferred, Refused, InDoubt)] == [
        "accepted", "deferred", "refused", "in_doubt",
    ]  # fmt: skip


def test_a_scrape_counts_no_deliveries(client: FlaskClient, parts: Parts, world: World) -> None:
    with parts.db.begin() as tx:
        deliveries.any_due(tx, parts.clock())
    statements: list[str] = []
    event.listen(parts.db.engine, "before_cursor_execute", lambda *values: statements.append(values[2]))
    samples(client)
    assert 5 < len(statements) <= 25
    assert [
        text
        for text in statements
        if "FROM deliveries" in text or ("FROM subscribers" in text and "min(" not in text)
    ] == []
