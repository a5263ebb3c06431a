"""Links to several mail servers, and how mails are shared out among them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.mail.connection import Connection
from digest.mail.pure.pacing import ServerHealth, TokenBucket
from digest.mail.pure.servers import Server
from digest.mail.pure.session import SmtpSession

MAX_LEAD = 8  # mails that a server may be ahead of its share


@dataclass(eq=False)
class ServerLink:
    """A server, its state and its open connections."""

    server: Server
    health: ServerHealth
    bucket: TokenBucket | None  # None: no rate limit
    connections: list[Connection] = field(default_factory=list)
    sent_count: int = 0

    def drop_unbegun(self) -> None:
        """Close the connections over which an envelope was accepted and its message is not begun. It is not sent."""
        for connection in tuple(self.connections):
            if connection.session is not None and connection.session.can_send_body:
                self.connections.remove(connection)
                connection.close()

    def record_opened(self, session: SmtpSession, now: float) -> None:
        """Record that the server accepted a connection, or that it ended one directly after the handshake."""
        if session.closing:
            self.health.record_failure(
                session.closing_reply or "it ended a connection after the handshake", now
            )
        else:
            self.health.record_connected()


def create_link(server: Server) -> ServerLink:
    """A new link to a server, which has no connections yet."""
    health = ServerHealth(server.max_connections, server.max_messages)
    return ServerLink(server, health, TokenBucket(server.rate) if server.rate else None)


def may_take_next(link: ServerLink, links: Sequence[ServerLink], now: float) -> bool:
    """Whether a server may take the next mail, by its weight among the usable servers.

    A server with weight 0 takes mails only while no server with a weight is usable.
    """
    if len(links) == 1:
        return True
    shares = [
        other.sent_count / other.server.weight
        for other in links
        if other.server.weight and other.health.is_usable(now)
    ]
    if not link.server.weight:
        return not shares
    return link.sent_count <= (min(shares, default=0.0) + MAX_LEAD) * link.server.weight


def describe_unreachable(links: Sequence[ServerLink]) -> str:
    """An error message that none of the servers can be used, with the reason of each."""
    reasons = [f"mail server {link.server.name}: {link.health.last_error or 'no answer'}" for link in links]
    return f"{'; '.join(reasons)} (are they running, and is SMTP_URL right?)"
