"""A relay that gives prepared answers, for tests of what the sender does with them."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from digest.errors import UnavailableError
from digest.mail.outcome_saver import SaveOutcomes, save_and_wait
from digest.mail.outgoing_queue import MaySend, always_send
from digest.mail.pure.dot_stuffing import dot_unstuff
from digest.mail.pure.outcomes import Accepted, Outcome
from digest.mail.pure.session import Mail
from digest.mail.relay import Relay
from tests.mail.dot_stuffing import dot_stuff


@dataclass(frozen=True)
class RelayedMessage:
    """A message that the relay got, with its envelope."""

    sender: str
    recipient: str
    message: bytes


@dataclass
class FakeRelay:
    """Answers from `answers` by recipient (each once, in order), else accepts. Calls `before_each` for each message."""

    answers: dict[str, list[Outcome]] = field(default_factory=dict)
    down: bool = False
    relayed: list[RelayedMessage] = field(default_factory=list)
    before_each: Callable[[str], None] = lambda _recipient: None

    def send_all(
        self,
        mails: Iterable[Mail | None],
        save: SaveOutcomes,
        *,
        may_send: MaySend = always_send,  # noqa: ARG002  (no mail waits here)
    ) -> None:
        """Answer each message; raises UnavailableError while the relay is `down`."""
        for mail in mails:
            if mail is None:
                time.sleep(0.01)
                continue
            self.before_each(mail.recipient)
            if self.down:
                raise UnavailableError(
                    "mail server nowhere:25: refused (are they running, and is SMTP_URL right?)"
                )
            self.relayed.append(RelayedMessage(mail.sender, mail.recipient, dot_unstuff(mail.message)))
            answers = self.answers.get(mail.recipient)
            save_and_wait(save, [(mail, answers.pop(0) if answers else Accepted("250 taken"))])

    def close(self) -> None:
        """Nothing to close."""

    def messages_to(self, recipient: str) -> list[bytes]:
        """The messages that the relay got for a recipient."""
        return [relayed.message for relayed in self.relayed if relayed.recipient == recipient]


def send_one(relay: Relay, recipient: str, message: bytes, sender: str = "bounce@example.org") -> Outcome:
    """Send one message through a relay; returns its outcome."""
    outcomes: list[Outcome] = []
    mail = Mail(recipient, sender, recipient, dot_stuff(message))
    relay.send_all([mail], lambda done: outcomes.extend(outcome for _, outcome in done))
    (outcome,) = outcomes
    return outcome
