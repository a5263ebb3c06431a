"""A relay that answers as it is told to: our own port, for tests that ask what we make of the answers."""

from collections.abc import Callable
from dataclasses import dataclass, field

from digest.errors import UnavailableError
from digest.mail.outcomes import Accepted, Outcome


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

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Take a message, or not."""
        self.before(recipient)
        if self.down:
            raise UnavailableError("mail server nowhere:25: refused (SMTP_URL; is it running?)")
        self.handed.append(Handed(sender, recipient, message))
        waiting = self.answers.get(recipient)
        return waiting.pop(0) if waiting else Accepted("250 taken")

    def close(self) -> None:
        """Nothing is open."""

    def to(self, recipient: str) -> list[bytes]:
        """What was handed over for a recipient."""
        return [handed.message for handed in self.handed if handed.recipient == recipient]
