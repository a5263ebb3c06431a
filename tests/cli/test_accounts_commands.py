"""`dateline accounts`: invitations, links, roles; and that commands leave an entry in the audit trail."""

import getpass
import json

import click
import pytest

from digest.accounts.models import AuditEntry
from digest.accounts.states import Face, Role
from digest.accounts.store import accounts, audit
from digest.cli.accounts import accounts_group
from digest.cli.audited import SELF_RECORDED, UNRECORDED
from digest.cli.main import COMMANDS, load_command
from digest.cli.subscribers import subscribers_group
from digest.deliveries.sending import letter_sender
from digest.parts import Parts
from tests.builders import World
from tests.cli.conftest import RunCommand


def entries(parts: Parts) -> list[AuditEntry]:
    with parts.db.read() as tx:
        return list(audit.audit_trail(tx)[0])


@pytest.fixture(autouse=True)
def recorded() -> None:
    """The commands record themselves, as they do when main() runs them."""
    for name in COMMANDS:
        load_command(name)


def test_an_account_is_invited_by_mail_and_made_once(run: RunCommand, parts: Parts) -> None:
    first = run(accounts_group, "add", "editor@example.org")
    assert first.out == "an invitation is being sent to editor@example.org\n"
    assert run(accounts_group, "list").out == "editor@example.org\teditor\tactive\n"
    again = run(accounts_group, "add", "Editor@Example.org")
    assert again.status == 2
    assert "has an account already" in again.err
    letter_sender.send_letters(parts.db, parts.sending)
    (mail,) = parts.settings.outbox.glob("*/*")
    assert "You were invited to the newsroom" in mail.read_text()


def test_a_link_is_printed_where_no_mail_can_be_sent(run: RunCommand) -> None:
    shown = run(accounts_group, "add", "first@example.org", "--role", "admin", "--print-link").out
    assert "https://news.example.org/admin/password/" in shown
    shown = run(accounts_group, "reset", "first@example.org", "--print-link").out
    assert shown.startswith("https://news.example.org/admin/password/")


def test_a_reset_is_sent_by_mail_and_an_unknown_account_is_said(run: RunCommand) -> None:
    run(accounts_group, "add", "editor@example.org")
    assert (
        run(accounts_group, "reset", "editor@example.org").out
        == "a link is being sent to editor@example.org\n"
    )
    unknown = run(accounts_group, "reset", "nobody@example.org")
    assert unknown.status == 2
    assert "dateline accounts add nobody@example.org" in unknown.err


def test_a_role_is_changed_and_the_last_admin_stays(run: RunCommand, parts: Parts) -> None:
    run(accounts_group, "add", "first@example.org", "--role", "admin")
    refused = run(accounts_group, "role", "first@example.org", "viewer")
    assert "last admin" in refused.err
    run(accounts_group, "add", "second@example.org", "--role", "admin")
    assert run(accounts_group, "role", "first@example.org", "viewer").status == 0
    with parts.db.read() as tx:
        account = accounts.find_by_email(tx, "first@example.org")
    assert account
    assert account.role is Role.VIEWER
    newest = entries(parts)[0]
    assert (newest.before, newest.after) == ({"role": "admin"}, {"role": "viewer"})
    assert (newest.face, newest.event) == (Face.COMMAND, "account.role_changed")


def test_lost_second_factors_are_removed(run: RunCommand, parts: Parts) -> None:
    run(accounts_group, "add", "first@example.org")
    assert run(accounts_group, "remove-second-factor", "first@example.org").status == 0
    assert entries(parts)[0].event == "account.second_factor_removed"


def test_a_command_is_recorded_with_the_user_of_the_system_and_without_subscribers_addresses(
    run: RunCommand, parts: Parts, world: World
) -> None:
    world.subscriber("ann@example.com")
    assert run(subscribers_group, "erase", "ann@example.com", "--yes").status in (0, 2)
    assert run(subscribers_group, "erase", "ann@example.com").status in (0, 2)
    entry = next(entry for entry in entries(parts) if entry.action == "dateline subscribers erase")
    assert entry.face is Face.COMMAND
    assert getpass.getuser() in entry.account
    assert "@" in entry.account
    assert "ann@example.com" not in json.dumps([entry.target, entry.before, entry.after])


def test_a_command_that_fails_or_only_reads_is_not_recorded(run: RunCommand, parts: Parts) -> None:
    run(accounts_group, "reset", "nobody@example.org")
    run(accounts_group, "list")
    assert entries(parts) == []


def test_every_command_is_recorded_unless_it_is_known_to_change_nothing() -> None:
    leaves = {path: command for name in COMMANDS for path, command in _leaves(load_command(name), "")}
    assert set(leaves) >= UNRECORDED | SELF_RECORDED, "a name in the lists is no command any more"
    unrecorded = {
        path for path, command in leaves.items() if not getattr(command.callback, "is_recorded", False)
    }
    assert unrecorded == UNRECORDED | SELF_RECORDED


def _leaves(command: click.Command, prefix: str) -> list[tuple[str, click.Command]]:
    path = f"{prefix} {command.name}".strip()
    if isinstance(command, click.Group):
        return [leaf for sub in command.commands.values() for leaf in _leaves(sub, path)]
    return [(path, command)]


def test_alerts_are_switched_on_and_off(run: RunCommand, parts: Parts) -> None:
    run(accounts_group, "add", "ops@example.org")
    assert (
        run(accounts_group, "alerts", "ops@example.org", "on").out == "ops@example.org gets alerts by mail\n"
    )
    with parts.db.read() as tx:
        assert [account.email for account in accounts.wanting_alerts(tx)] == ["ops@example.org"]
    assert (
        run(accounts_group, "alerts", "ops@example.org", "off").out
        == "ops@example.org gets no alerts by mail\n"
    )
    with parts.db.read() as tx:
        assert accounts.wanting_alerts(tx) == []
