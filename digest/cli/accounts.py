"""`dateline accounts`: who may sign in to the newsroom."""

import click
from flask.cli import AppGroup

from digest.accounts import authentication, store
from digest.parts import parts

accounts_group = AppGroup("accounts", help="Accounts of the newsroom (/admin): add, password, list.")


@accounts_group.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(authentication.ROLES), default="editor", show_default=True)
def add(email: str, role: str) -> None:
    """Create an account and print its one-time password, which must be changed at the first sign-in.

    \b
    Example: dateline accounts add editor@example.org --role editor
    """
    p = parts()
    click.echo(authentication.create_account(p.db, email, role, now=p.clock()))


@accounts_group.command("password")
@click.argument("email")
def password(email: str) -> None:
    """Print a new one-time password for an account; its sessions end."""
    p = parts()
    click.echo(authentication.reset_password(p.db, email, now=p.clock()))


@accounts_group.command("list")
def listing() -> None:
    """List all accounts: address, role, state."""
    with parts().db.read() as tx:
        for account in store.list_accounts(tx):
            click.echo(f"{account.email}\t{account.role}\t{account.state}")
