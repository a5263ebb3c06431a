"""Runs of the relay on a driven network: what is sent over which servers, and what goes wrong meanwhile."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from unittest.mock import patch

from digest.deliveries.sending.letter_queue import ClaimedLetter
from digest.errors import UnavailableError
from digest.mail import outcome_saver
from digest.mail.pure.outcomes import Outcome
from digest.mail.pure.pacing import DomainRates
from digest.mail.pure.servers import Server, TlsMode
from digest.mail.pure.session import Mail
from digest.subscribers.models import Letter, Subscriber
from tests.mail.driven_network import DrivenRelay, Network, driven
from tests.mail.relay_ledger import RelayLedger, key_in
from tests.mail.unruly_server import Script


class SourceError(Exception):
    """The source of mails fails."""


class SaveError(Exception):
    """Saving outcomes fails."""


@dataclass(frozen=True)
class PlannedMail:
    """One mail of a run."""

    size: int = 10  # octets of its text
    recipient: str = "r@example.com"
    is_letter: bool = False
    cancelled: bool = False  # as soon as it has to wait
    gaps: int = 0  # how often the source has nothing before it


@dataclass(frozen=True)
class PlannedServer:
    """One server of a run, and what its connections do."""

    scripts: tuple[Script, ...] = ()
    always: bool = False  # whether further connections do what the last one did, and do not all right
    connections: int = 1
    per_connection: int = 1000
    rate: int = 0
    weight: int = 1


@dataclass(frozen=True)
class PlannedRun:
    """What is sent, twice over the same relay, and what fails."""

    servers: tuple[PlannedServer, ...]
    mails: tuple[PlannedMail, ...]
    source_fails_at: int | None = None  # the mail in whose place the source fails
    save_fails_at: int | None = None  # the call of `save` that fails
    save_rounds: tuple[int, ...] = (0,)  # after which each call of `save` is done; 0: when it returns
    saves_overlap: bool = False  # whether a group may be saved while others are
    waits_for_outcomes: bool = False  # whether the source ends only when all of its mails have outcomes
    later: tuple[PlannedMail, ...] = ()  # for a second call of `send_all`
    pause: float = 1.0  # seconds before it


class OverlappingFuture(Future[None]):
    """A save beside which another may begin."""

    allows_another = True


@dataclass
class Sending:
    """One call of `send_all`. Only this class knows how a relay takes mails and reports outcomes."""

    plan: PlannedRun
    ledger: RelayLedger
    network: Network
    taken: set[str] = field(default_factory=set)  # from the source
    may_be_cancelled: frozenset[str] = frozenset()
    calls: int = 0
    saves_now: int = 0
    save_failed: bool = False

    def send(self, relay: DrivenRelay, planned: Sequence[PlannedMail], first_key: int) -> None:
        """Send mails, and check what became of them."""
        mails = [make_mail(first_key + n, mail) for n, mail in enumerate(planned)]
        self.may_be_cancelled = frozenset(
            str(first_key + n) for n, mail in enumerate(planned) if mail.cancelled
        )
        all_went = False
        try:
            relay.send_all(self.source(planned, mails), self.save, may_send=self.may_send)
            all_went = True
        except (UnavailableError, SourceError, SaveError):
            pass
        self.ledger.check(self.taken, all_went=all_went, save_failed=self.save_failed)

    def source(self, planned: Sequence[PlannedMail], mails: Sequence[Mail]) -> Iterator[Mail | None]:
        """The mails, with the gaps between them."""
        for number, (plan, mail) in enumerate(zip(planned, mails, strict=True)):
            yield from [None] * plan.gaps
            if number == self.plan.source_fails_at:
                raise SourceError
            self.taken.add(key_in(mail.message))
            yield mail
        while self.plan.waits_for_outcomes and self.taken - self.ledger.saved - self.ledger.cancelled:
            yield None

    def may_send(self, mail: Mail) -> bool:
        """Whether a mail that waits may still be sent."""
        key = key_in(mail.message)
        if key in self.may_be_cancelled:
            self.ledger.cancelled.add(key)
        return key not in self.ledger.cancelled

    def save(self, outcomes: Sequence[tuple[Mail, Outcome]]) -> "Future[None] | None":
        """Save outcomes, or fail: at once or later."""
        assert not self.save_failed, "outcomes are saved after saving failed"
        assert not self.saves_now or self.plan.saves_overlap, (
            "outcomes are saved while others are being saved"
        )
        rounds = self.plan.save_rounds[self.calls % len(self.plan.save_rounds)]
        self.calls += 1
        for mail, outcome in outcomes:
            self.ledger.report(key_in(mail.message), outcome)
        keys = {key_in(mail.message) for mail, _ in outcomes}
        fails = self.calls == self.plan.save_fails_at
        if not rounds:
            self.end_saving(keys, fails=fails)
            return None
        self.saves_now += 1
        future: Future[None] = OverlappingFuture() if self.plan.saves_overlap else Future()

        def end() -> None:
            self.saves_now -= 1
            try:
                self.end_saving(keys, fails=fails)
                future.set_result(None)
            except SaveError as error:
                future.set_exception(error)

        self.network.call_later(rounds, end)
        return future

    def end_saving(self, keys: set[str], *, fails: bool) -> None:
        """Note that outcomes are saved, or fail."""
        self.save_failed = self.save_failed or fails
        if fails:
            raise SaveError
        self.ledger.saved |= keys


def make_mail(number: int, planned: PlannedMail) -> Mail:
    """A mail whose message carries its number."""
    key = ClaimedLetter(Letter(id=number), Subscriber()) if planned.is_letter else number
    message = b"X-Key: %d\r\n\r\n" % number + (b"y" * 70 + b"\r\n") * (planned.size // 72 + 1)
    recipient = re.sub("^r@", f"r{number}@", planned.recipient)  # so that the envelope too tells the mail
    return Mail(key, "b@example.org", recipient, message)


def run(plan: PlannedRun) -> RelayLedger:
    """Send the mails of a plan; raises AssertionError when something is not as it must be."""
    ledger = RelayLedger()
    scripts: dict[int, Sequence[Script]] = {
        1 + n: server.scripts if server.always else (*server.scripts, Script())
        for n, server in enumerate(plan.servers)
    }
    servers = [_make_server(1 + n, server) for n, server in enumerate(plan.servers)]
    network = Network(scripts, ledger)
    with driven(network), patch.object(outcome_saver, "MIN_OVERLAPPING", 1):
        relay = DrivenRelay(servers, network, rates=DomainRates({"slow.example": 2}))
        Sending(plan, ledger, network).send(relay, plan.mails, 1)
        network.now += plan.pause
        later = replace(plan, source_fails_at=None, save_fails_at=None)
        Sending(later, ledger, network).send(relay, plan.later, 1001) if plan.later else None
        relay.close()
        assert relay.watched == 0, "a closed connection is still watched"
    return ledger


def _make_server(port: int, planned: PlannedServer) -> Server:
    return Server(
        "127.0.0.1",
        port,
        TlsMode.NONE,
        "",
        "",
        planned.connections,
        max_messages=planned.per_connection,
        rate=planned.rate,
        weight=planned.weight,
    )
