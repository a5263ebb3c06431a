"""A relay that answers as it is told to: our own port, for tests that ask what we make of the answers."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from digest.errors import UnavailableError
from digest.mail.outgoing_queue import Still, always
from digest.mail.pure.dot_stuffing import unwired, wired
from digest.mail.pure.outcomes import Accepted, Outcome
from digest.mail.pure.session import Mail
from digest.mail.relay import Keep, Relay


@dataclass(frozen=True)
class Handed:
    """A message that was handed over, with its envelope."""

    sender: str
    recipient: str
    message: bytes


@dataclass
class FakeRelay:
    """Answers by recipient from `answers` (each used once, in order), else accepts; `before` runs before each."""

    answers: dict[str, list[Outcome]] = field(default_factory=dict)
    down: bool = False
    handed: list[Handed] = field(default_factory=list)
    before: Callable[[str], None] = lambda _recipient: None

    def carry(self, mails: Iterable[Mail | None], keep: Keep, *, still: Still = always) -> None:  # noqa: ARG002
        """Take messages, or not."""
        for mail in mails:
            if mail is None:
                time.sleep(0.01)
                continue
            self.before(mail.recipient)
            if self.down:
                raise UnavailableError("mail server nowhere:25: refused (SMTP_URL; is it running?)")
            self.handed.append(Handed(mail.sender, mail.recipient, unwired(mail.message)))
            waiting = self.answers.get(mail.recipient)
            keep([(mail, waiting.pop(0) if waiting else Accepted("250 taken"))])

    def close(self) -> None:
        """Nothing is open."""

    def to(self, recipient: str) -> list[bytes]:
        """What was handed over for a recipient."""
        return [handed.message for handed in self.handed if handed.recipient == recipient]


def hand_over(relay: Relay, recipient: str, message: bytes, sender: str = "bounce@example.org") -> Outcome:
    """Give a relay one message; returns what came of it."""
    outcomes: list[Outcome] = []
    mail = Mail(recipient, sender, recipient, wired(message))
    relay.carry([mail], lambda done: outcomes.extend(outcome for _, outcome in done))
    (outcome,) = outcomes
    return outcome
