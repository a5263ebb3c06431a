"""The relays of a process: for deliveries, as one of the senders, and for letters."""

from collections.abc import Sequence

from digest.mail.outbox import OutboxRelay
from digest.mail.outcome_saver import CountOutcome
from digest.mail.pure.pacing import DEFAULT_DOMAIN_RATES, DomainRates
from digest.mail.pure.servers import LETTER_RATE_SHARE, Server
from digest.mail.relay import Relay, SmtpRelay
from digest.settings import Settings


def domain_rates(settings: Settings) -> dict[str, int]:
    """Most mails a second by domain: for the big mailbox providers, and as the settings say."""
    return {**DEFAULT_DOMAIN_RATES, **dict(settings.domain_rates)}


def create_relays(
    settings: Settings, servers: Sequence[Server], senders: int, count_outcome: CountOutcome
) -> tuple[Relay, Relay]:
    """The relay for deliveries, with the share of one of `senders`, and the one for letters."""
    if not servers:
        outbox = OutboxRelay(settings.outbox)
        return outbox, outbox
    rates = domain_rates(settings)
    relay = SmtpRelay(
        [server.share_of_sender(senders) for server in servers],
        rates=DomainRates(rates, (1 - LETTER_RATE_SHARE) / senders),
        count_outcome=count_outcome,
    )
    letter_relay = SmtpRelay(
        [server.share_of_letters() for server in servers],
        rates=DomainRates(rates, LETTER_RATE_SHARE),
        count_outcome=count_outcome,
    )
    return relay, letter_relay
