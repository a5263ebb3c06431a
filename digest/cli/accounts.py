"""`dateline accounts`: who may sign in to the newsroom."""

import json

import click
from flask.cli import AppGroup

from digest.accounts import authentication, second_factors
from digest.accounts.models import Account
from digest.accounts.pure.password_links import PasswordLinks
from digest.accounts.states import AccountState
from digest.accounts.store import accounts as store
from digest.cli.audited import command_actor
from digest.cli.reports import report
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts
from digest.task_names import TaskName
from digest.tasks import enqueue

accounts_group = AppGroup(
    "accounts",
    help="Accounts of the newsroom (/admin): add, reset, role, close, reopen, alerts, remove-second-factor, list.",
)


@accounts_group.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(authentication.ROLES), default="editor", show_default=True)
@click.option("--print-link", is_flag=True, help="Print the link too: when no mail can be sent yet.")
def add(email: str, role: str, print_link: bool) -> None:
    """Create an account, and send its owner a mail with a link to choose a password. The link works for an hour.

    \b
    Example: dateline accounts add editor@example.org --role editor
    """
    p = parts()
    account_id = authentication.invite(p.db, email, role, actor=command_actor(), now=p.clock())
    enqueue(TaskName.SEND_LETTERS)
    report(f"an invitation is being sent to {email}", email=email)
    if print_link:
        _print_link(account_id)


@accounts_group.command("reset")
@click.argument("email")
@click.option("--print-link", is_flag=True, help="Print the link, and send no mail.")
def reset(email: str, print_link: bool) -> None:
    """Send the owner of an account a link to a new password. Until then the current one stays.

    \b
    Example: dateline accounts reset editor@example.org
    """
    p, account = parts(), _find(email)
    if print_link:
        _print_link(account.id)
        return
    if not authentication.plan_reset(p.db, email, actor=command_actor(), now=p.clock()):
        raise ConflictError(f"No mail was sent: {email} is closed, or got four such mails within a day.")
    enqueue(TaskName.SEND_LETTERS)
    report(f"a link is being sent to {email}", email=email)


@accounts_group.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(authentication.ROLES))
def set_role(email: str, role: str) -> None:
    """Give an account another role.

    \b
    Example: dateline accounts role editor@example.org manager
    """
    p = parts()
    authentication.set_role(p.db, _find(email).id, role, actor=command_actor(), now=p.clock())
    report(f"{email} is now {role}", email=email, role=role)


@accounts_group.command("close")
@click.argument("email")
def close(email: str) -> None:
    """Close an account: its sessions end, and nobody can sign in with it. The last admin stays."""
    p = parts()
    authentication.close_account(p.db, _find(email).id, actor=command_actor(), now=p.clock())
    report(
        f"{email} is closed; `dateline accounts reopen {email}` opens it again",
        email=email,
        state=AccountState.CLOSED,
    )


@accounts_group.command("reopen")
@click.argument("email")
def reopen(email: str) -> None:
    """Open a closed account again."""
    p = parts()
    authentication.reopen_account(p.db, _find(email).id, actor=command_actor(), now=p.clock())
    report(f"{email} is open again", email=email, state=AccountState.ACTIVE)


@accounts_group.command("remove-second-factor")
@click.argument("email")
def remove_second_factor(email: str) -> None:
    """Remove passkeys, authenticator app and recovery codes of an account whose owner has lost them."""
    p = parts()
    second_factors.remove_all(p.db, _find(email).id, actor=command_actor(), now=p.clock())
    report(f"{email} can sign in with the password alone", email=email)


@accounts_group.command("alerts")
@click.argument("email")
@click.argument("wanted", type=click.Choice(("on", "off")), metavar="on|off")
def set_alerts(email: str, wanted: str) -> None:
    """Send alerts about the installation to an account by mail, or no longer.

    \b
    Example: dateline accounts alerts admin@example.org on
    """
    p, account = parts(), _find(email)
    with p.db.begin() as tx:
        store.by_id(tx, account.id).wants_alerts = wanted == "on"
    report(
        f"{email} gets {'' if wanted == 'on' else 'no '}alerts by mail", email=email, alerts=wanted == "on"
    )


@accounts_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def listing(as_json: bool) -> None:
    """List all accounts: address, role, state."""
    with parts().db.read() as tx:
        rows = store.list_accounts(tx)
    for account in rows:
        if as_json:
            last = account.last_sign_in_at.isoformat() if account.last_sign_in_at else None
            values = {
                "email": account.email,
                "role": account.role,
                "state": account.state,
                "last_sign_in_at": last,
            }
            click.echo(json.dumps(values, ensure_ascii=False))
        else:
            click.echo(f"{account.email}\t{account.role}\t{account.state}")


def _find(email: str) -> Account:
    with parts().db.read() as tx:
        account = store.find_by_email(tx, email)
    if account is None:
        raise InvalidInputError(f"There is no account {email}; to create it: dateline accounts add {email}")
    return account


def _print_link(account_id: int) -> None:
    p = parts()
    with p.db.read() as tx:
        account = store.by_id(tx, account_id)
    links = PasswordLinks(p.settings.secret_key, p.settings.base_url)
    click.echo(links.url(authentication.linked(account), p.clock()))
