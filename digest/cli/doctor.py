"""`dateline doctor`: what is wrong or late, why, and how to fix it."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence

import click
from flask import current_app
from flask.cli import with_appcontext

from digest import mail_checks
from digest.cli import doctor_site
from digest.cli.exit_status import UNAVAILABLE
from digest.findings import OK, Finding, FindingLevel
from digest.monitoring.condition import load_condition
from digest.monitoring.pure.problems import Problem
from digest.monitoring.states import ProblemLevel, ProblemName
from digest.parts import Parts, parts

CHECKS: dict[str, Callable[[Parts], Iterable[Finding]]] = {
    "settings": doctor_site.check_settings,
    "files": doctor_site.check_files,
    "disk": doctor_site.check_disk,
    "database": doctor_site.check_database,
    "broker": doctor_site.check_broker,
    "clocks": doctor_site.check_clocks,
    "mail server": mail_checks.check_servers,
    "SPF": mail_checks.check_spf_record,
    "DKIM": mail_checks.check_dkim,
    "DMARC": mail_checks.check_dmarc_record,
    "PTR and HELO": mail_checks.check_names,
    "site": doctor_site.check_site,
    "proxies": doctor_site.check_proxies,
    "alerts": doctor_site.check_alerts,
}
# Checks of their own say these, with what is known at this moment.
CHECKED_ELSEWHERE = (ProblemName.DATABASE_AWAY, ProblemName.BROKER_AWAY)
SIGNS = {FindingLevel.OK: "✓", FindingLevel.WARNING: "!", FindingLevel.ERROR: "✗"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Check settings, services, mail in the DNS, and what is late; say why, and what to do.

    The exit status is 1 if anything is wrong, and 0 if all is well or there are only warnings (!).
    """
    p = parts()
    found = {name: list(check(p)) or [OK] for name, check in CHECKS.items()}
    problems = [
        problem
        for problem in load_condition(p.db, current_app.extensions["celery"], p.clock()).problems
        if problem.name not in CHECKED_ELSEWHERE
    ]
    is_wrong = any(finding.level == FindingLevel.ERROR for findings in found.values() for finding in findings)
    is_wrong = is_wrong or any(problem.level == ProblemLevel.ERROR for problem in problems)
    if as_json:
        click.echo(json.dumps(_as_json(found, problems, is_wrong), ensure_ascii=False))
    else:
        _print(found, problems)
    sys.exit(UNAVAILABLE if is_wrong else 0)


def _print(found: dict[str, list[Finding]], problems: Sequence[Problem]) -> None:
    for name, findings in found.items():
        for finding in findings:
            click.echo(f"{SIGNS[finding.level]} {name}: {finding.text}")
            for record in finding.records:
                click.echo(f"    {record}")
    for problem in problems:
        level = FindingLevel.ERROR if problem.level == ProblemLevel.ERROR else FindingLevel.WARNING
        click.echo(f"{SIGNS[level]} {problem.name.replace('_', ' ')}: {problem.describe()}")
    if not problems:
        click.echo("✓ work: nothing is late, and every process shows itself")


def _as_json(
    found: dict[str, list[Finding]], problems: Sequence[Problem], is_wrong: bool
) -> dict[str, object]:
    return {
        "status": "wrong" if is_wrong else "ok",
        "checks": [
            {"name": name, "level": finding.level, "text": finding.text, "records": list(finding.records)}
            for name, findings in found.items()
            for finding in findings
        ],
        "problems": [problem.as_json() for problem in problems],
    }
