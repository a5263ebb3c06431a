"""`dateline webhooks`: the addresses to which messages about what happens are posted."""

import json
from typing import Any

import click
from flask.cli import AppGroup

from digest.cli.reports import report
from digest.cli.row_ids import ROW_ID
from digest.parts import parts
from digest.webhooks import endpoints, store
from digest.webhooks.states import EndpointState, EventType

webhooks_group = AppGroup("webhooks", help="Webhooks: add, list, disable, enable, remove, log, replay.")


@webhooks_group.command("add")
@click.argument("url")
@click.option(
    "--event",
    "events",
    type=click.Choice([event.value for event in EventType]),
    multiple=True,
    help="Post only these; may be given several times.",
)
def add(url: str, events: tuple[str, ...]) -> None:
    """Post what happens to a URL, and print the secret that signs the posts. It can't be shown again.

    \b
    Example: dateline webhooks add https://crm.example.org/dateline --event subscriber.joined
    """
    p = parts()
    secret = endpoints.add(p.db, url, events, key=p.settings.secret_key, now=p.clock())
    report(secret, url=url, secret=secret)
    click.echo("Keep it now: it can't be shown again. The receiver checks the signature with it.", err=True)


@webhooks_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def listing(as_json: bool) -> None:
    """List all webhooks: id, URL, events, state, and since when they have failed."""
    with parts().db.read() as tx:
        rows = store.list_endpoints(tx)
    for row in rows:
        failing = row.failing_since.isoformat() if row.failing_since else None
        values: dict[str, Any] = {"id": row.id, "url": row.url, "events": row.events, "state": row.state}
        values |= {"failing_since": failing, "reason": row.reason}
        if as_json:
            click.echo(json.dumps(values, ensure_ascii=False))
        else:
            events = " ".join(row.events) or "all events"
            click.echo(f"{row.id}\t{row.url}\t{events}\t{row.state}\t{row.reason or failing or 'ok'}")
    if not rows:
        click.echo("no webhooks yet; to add one: dateline webhooks add URL", err=True)


@webhooks_group.command("disable")
@click.argument("endpoint_id", type=ROW_ID, metavar="ID")
def disable(endpoint_id: int) -> None:
    """Post nothing to a webhook until it is enabled. What happens meanwhile is not posted later."""
    endpoints.disable(parts().db, endpoint_id)
    report(f"webhook {endpoint_id} is disabled", id=endpoint_id, state=EndpointState.DISABLED)


@webhooks_group.command("enable")
@click.argument("endpoint_id", type=ROW_ID, metavar="ID")
def enable(endpoint_id: int) -> None:
    """Post to a webhook again, also to one that was disabled after a week of failures."""
    endpoints.enable(parts().db, endpoint_id)
    report(f"webhook {endpoint_id} is enabled", id=endpoint_id, state=EndpointState.ACTIVE)


@webhooks_group.command("remove")
@click.argument("endpoint_id", type=ROW_ID, metavar="ID")
def remove(endpoint_id: int) -> None:
    """Remove a webhook with its log."""
    endpoints.remove(parts().db, endpoint_id)
    report(f"webhook {endpoint_id} is removed", id=endpoint_id)


@webhooks_group.command("log")
@click.option("--most", type=click.IntRange(1, 1000), default=50, show_default=True)
def log(most: int) -> None:
    """Print the newest messages with their attempts, as JSON lines."""
    with parts().db.read() as tx:
        newest = store.newest_messages(tx, limit=most)
        attempts_by_message = store.attempts_of(tx, [message.id for message, _endpoint in newest])
    for message, endpoint in newest:
        attempts = [
            {"at": each.at.isoformat(), "status": each.status, "reason": each.reason}
            for each in attempts_by_message[message.id]
        ]
        values = {"id": message.public_id, "webhook": endpoint.id, "event": message.event}
        values |= {"data": message.data, "state": message.state, "attempts": attempts}
        click.echo(json.dumps(values, ensure_ascii=False))


@webhooks_group.command("replay")
@click.argument("message_id", metavar="MESSAGE")
def replay(message_id: str) -> None:
    """Post a message again within a minute, whatever became of it. `webhooks log` shows the ids."""
    p = parts()
    endpoints.replay(p.db, message_id, p.clock())
    report(f"{message_id} will be posted again", id=message_id)
