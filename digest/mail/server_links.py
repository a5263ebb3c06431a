"""The ways to several mail servers, and how mails are shared out among them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.mail.connection import Connection
from digest.mail.pure.pacing import Bucket, Health
from digest.mail.pure.servers import Server

SLACK = 8  # mails that a server may be ahead of its share


@dataclass
class Lane:
    """The way to one server."""

    server: Server
    health: Health
    bucket: Bucket | None
    connections: list[Connection] = field(default_factory=list)
    carried: int = 0


def lane_to(server: Server) -> Lane:
    """The way to a server, of which nothing is known yet."""
    health = Health(server.connections, server.per_connection)
    return Lane(server, health, Bucket(server.rate) if server.rate else None)


def has_turn(lane: Lane, lanes: Sequence[Lane], now: float) -> bool:
    """Whether the next mail may go this way: by weight, among the servers that can be used; one without weight only
    when there is no other."""
    if len(lanes) == 1:
        return True
    shares = [
        other.carried / other.server.weight
        for other in lanes
        if other.server.weight and other.health.usable(now)
    ]
    if not lane.server.weight:
        return not shares
    return lane.carried <= (min(shares, default=0.0) + SLACK) * lane.server.weight


def unreachable(lanes: Sequence[Lane]) -> str:
    """In words, that none of the servers can be used."""
    told = "; ".join(
        f"mail server {lane.server.name}: {lane.health.trouble or 'no answer'}" for lane in lanes
    )
    return f"{told} (SMTP_URL; is it running?)"
