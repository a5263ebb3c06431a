"""`dateline doctor`: what is late, a real session with the mail server, and real look-ups in the DNS."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from flask import Flask

from digest.cli.doctor import CHECKS, doctor
from digest.mail.pure.dkim import parse_signer
from digest.monitoring.run_records import record_heartbeats
from digest.monitoring.states import BEAT_ROLE
from digest.parts import EXTENSION_KEY, Parts
from digest.task_names import Queue
from tests.builders import World
from tests.cli.conftest import RunCommand
from tests.cli.dns_server import dns_server
from tests.conftest import StoppedClock
from tests.mail.test_dkim import pem
from tests.smtp_sink import mail_sink

ROLES = (BEAT_ROLE, *map(str, Queue))
GOOD_RECORDS = {
    ("example.org", "TXT"): ('"v=spf1 a:mx.example.org -all"',),
    ("_dmarc.example.org", "TXT"): ('"v=DMARC1; p=none"',),
}


def lines(out: str, check: str) -> list[str]:
    """The lines about a check."""
    return [line for line in out.splitlines() if line[2:].startswith(check + ":")]


def test_what_is_late_is_named_with_the_cause_and_the_status_says_so(
    run: RunCommand, parts: Parts, world: World, clock: StoppedClock
) -> None:
    world.subscriber()
    record_heartbeats(parts.db, clock, ROLES, parts.settings.var)
    assert "✓ work: nothing is late, and every process shows itself" in run(doctor).out
    clock.advance(hours=2)
    with dns_server({}):
        result = run(doctor)
    assert result.status == 1
    assert "✗ beat silent: Nothing new is planned, polled or retried: beat has not shown itself" in result.out
    assert (
        "✗ subscribers late: Subscribers who are due have no edition since 12:00 UTC (2 h): beat"
        in result.out
    )


def test_json_has_every_check_and_every_problem(run: RunCommand, clock: StoppedClock) -> None:
    with dns_server({}):
        result = run(doctor, "--json")
    answer = json.loads(result.out)
    assert result.status == 1
    assert answer["status"] == "wrong"
    assert {check["name"] for check in answer["checks"]} == set(CHECKS)
    assert {"beat_silent", "worker_silent"} <= {problem["name"] for problem in answer["problems"]}
    assert all(problem["level"] in ("error", "warning") for problem in answer["problems"])


def test_without_a_key_dkim_is_not_ok(run: RunCommand) -> None:
    with dns_server(GOOD_RECORDS):
        out = run(doctor).out
    assert lines(out, "DKIM")[0].startswith("! DKIM: no key (DKIM_KEY)")
    assert lines(out, "SPF") == ["✓ SPF: example.org has a record"]
    assert lines(out, "DMARC") == ["✓ DMARC: example.org has a record"]


def test_missing_records_are_named_with_the_record_to_publish(
    run: RunCommand, app: Flask, parts: Parts
) -> None:
    signer = parse_signer(pem(generate_private_key(65537, 2048)), "example.org", "dateline")
    app.extensions[EXTENSION_KEY] = replace(parts, sender=replace(parts.sender, signers=(signer,)))
    with dns_server({("example.org", "A"): ("192.0.2.1",)}):
        result = run(doctor)
    assert 'example.org TXT "v=spf1 -all"' in result.out
    assert '_dmarc.example.org TXT "v=DMARC1; p=none; rua=mailto:postmaster@example.org"' in result.out
    assert "✗ DKIM: dateline._domainkey.example.org is not published" in result.out
    assert f'dateline._domainkey.example.org TXT "{signer.record}"' in result.out
    chunks = [signer.record[at : at + 200] for at in range(0, len(signer.record), 200)]
    published = {("dateline._domainkey.example.org", "TXT"): (" ".join(f'"{chunk}"' for chunk in chunks),)}
    with dns_server(published | GOOD_RECORDS):
        out = run(doctor).out
    assert lines(out, "DKIM") == ["✓ DKIM: dateline._domainkey.example.org is published"]


def test_the_mail_server_is_tried_by_a_session(run: RunCommand, app: Flask, parts: Parts) -> None:
    with mail_sink() as sink, dns_server(GOOD_RECORDS):
        app.extensions[EXTENSION_KEY] = replace(parts, settings=replace(parts.settings, smtp_url=sink.url))
        out = run(doctor).out
        assert sink.connections == 1
    assert lines(out, "mail server") == [f"✓ mail server: 127.0.0.1:{sink.port} took the session"]
    with dns_server(GOOD_RECORDS):
        gone = run(doctor)
    assert lines(gone.out, "mail server")[0].startswith(f"✗ mail server: mail server 127.0.0.1:{sink.port}: ")


def test_a_site_that_is_not_reached_is_named(run: RunCommand, app: Flask, parts: Parts) -> None:
    settings = replace(parts.settings, base_url="http://127.1.2.3:9")
    app.extensions[EXTENSION_KEY] = replace(parts, settings=settings)
    with dns_server(GOOD_RECORDS):
        out = run(doctor).out
    assert lines(out, "site")[0].startswith(
        "✗ site: BASE_URL does not lead to the site: 127.1.2.3 can't be reached"
    )


def test_nobody_to_hear_alerts_is_a_warning(run: RunCommand, app: Flask, parts: Parts) -> None:
    with dns_server(GOOD_RECORDS):
        assert lines(run(doctor).out, "alerts")[0].startswith("! alerts: nobody would hear")
        settings = replace(parts.settings, alert_webhook="https://hooks.example.org/")
        app.extensions[EXTENSION_KEY] = replace(parts, settings=settings)
        assert lines(run(doctor).out, "alerts") == ["✓ alerts: ok"]


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=3)])
def test_a_new_run_of_the_processes_is_well_again(
    run: RunCommand, parts: Parts, clock: StoppedClock, age: timedelta
) -> None:
    clock.moment -= age
    record_heartbeats(parts.db, clock, ROLES, parts.settings.var)
    clock.moment += age
    with dns_server(GOOD_RECORDS):
        assert ("silent" in run(doctor).out) == bool(age)
