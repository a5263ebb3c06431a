"""`dateline tokens`: the tokens with which programs use the API."""

import json
from typing import Any

import click
from flask.cli import AppGroup

from digest.accounts import api_tokens
from digest.accounts.models import ApiToken
from digest.accounts.states import Scope
from digest.accounts.store import api_tokens as store
from digest.cli.audited import command_actor
from digest.cli.reports import report
from digest.parts import parts

tokens_group = AppGroup("tokens", help="Tokens of the API (/api/v1): add, list, revoke.")


@tokens_group.command("add")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    required=True,
    help="What it opens; may be given several times.",
)
@click.option("--network", "networks", multiple=True, help="It works only from here (192.0.2.0/24).")
@click.option("--days", type=int, default=None, help="It expires after so many days; default: never.")
def add(name: str, scopes: tuple[str, ...], networks: tuple[str, ...], days: int | None) -> None:
    """Make a token for a program and print it. It can't be shown again.

    \b
    Example: dateline tokens add intranet --scope read --days 365
    """
    p = parts()
    secret = api_tokens.create(
        p.db, name, scopes, actor=command_actor(), now=p.clock(), networks=networks, days=days
    )
    report(secret, token=secret)
    click.echo(
        "Keep it now: it can't be shown again. Programs send it as `Authorization: Bearer …`.", err=True
    )


@tokens_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def listing(as_json: bool) -> None:
    """List all tokens: name, scopes, networks, expiry, last use. No secret is shown."""
    with parts().db.read() as tx:
        rows = store.list_tokens(tx)
    for row in rows:
        values = _as_json(row)
        if as_json:
            click.echo(json.dumps(values, ensure_ascii=False))
            continue
        state = "revoked" if row.revoked_at else f"expires {values['expires_at'] or 'never'}"
        scopes, networks = " ".join(row.scopes), " ".join(row.networks) or "anywhere"
        click.echo(
            f"{row.name}\t{scopes}\t{networks}\t{state}\tlast used {values['last_used_at'] or 'never'}"
        )
    if not rows:
        click.echo("no tokens yet; to make one: dateline tokens add NAME --scope read", err=True)


@tokens_group.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke a token. Programs that use it are refused from their next request on."""
    p = parts()
    api_tokens.revoke(p.db, name, actor=command_actor(), now=p.clock())
    report(f"the token {name} is revoked", name=name)


def _as_json(row: ApiToken) -> dict[str, Any]:
    moments = ("created_at", "expires_at", "last_used_at", "revoked_at")
    values = {name: moment.isoformat() if (moment := getattr(row, name)) else None for name in moments}
    return {
        "name": row.name,
        "scopes": row.scopes,
        "networks": row.networks,
        "created_by": row.created_by,
    } | values
