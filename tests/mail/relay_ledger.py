"""What mails became of, seen from the caller, from the wire and from the server, and whether the three agree."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum, auto

from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Outcome, Refused

KEY = re.compile(rb"X-Key: (\d+)\r\n")
RECIPIENT = re.compile(rb"RCPT TO:<r(\d+)@")


class Meaning(Enum):
    """What an answer says about a message."""

    ACCEPTED = auto()
    DEFERRED = auto()
    REFUSED = auto()
    GO_ON = auto()  # 354
    UNCLEAR = auto()  # no valid answer
    NOTHING = auto()  # no whole answer


@dataclass(frozen=True, slots=True)
class Answer:
    """The octets of an answer, and what it means."""

    octets: bytes
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Receipt:
    """A whole message that the server got, and how it answered.

    `early`: before it had the end. `truthful`: until then each reply on the connection answered one command, in order.
    """

    meaning: Meaning
    early: bool
    truthful: bool


FINAL: dict[Meaning, type[Outcome]] = {
    Meaning.ACCEPTED: Accepted,
    Meaning.DEFERRED: Deferred,
    Meaning.REFUSED: Refused,
    Meaning.GO_ON: InDoubt,
    Meaning.UNCLEAR: InDoubt,
    Meaning.NOTHING: InDoubt,
}


def key_in(octets: bytes) -> str:
    """The key that a message carries, or an empty text."""
    found = KEY.search(octets)
    return found[1].decode() if found else ""


@dataclass
class RelayLedger:
    """Books about the mails of a run, by the key that each message carries."""

    cancelled: set[str] = field(default_factory=set)
    reported: dict[str, Outcome] = field(default_factory=dict)  # to `save`, also when that failed
    saved: set[str] = field(default_factory=set)
    begun: Counter[str] = field(default_factory=Counter)  # messages of which octets were written
    ended: set[str] = field(default_factory=set)  # whose final dot was written
    received: dict[str, Receipt] = field(default_factory=dict)
    delivered: set[str] = field(default_factory=set)  # whose whole answer could be read
    misled: bool = False  # whether a server said anything unasked, or before the end of a message
    wrong: list[str] = field(default_factory=list)

    def report(self, key: str, outcome: Outcome) -> None:
        """Note an outcome that the relay reports."""
        if key in self.reported:
            self.wrong.append(f"{key} has two outcomes: {self.reported[key]} and {outcome}")
        if key in self.cancelled:
            self.wrong.append(f"{key} was cancelled and has an outcome: {outcome}")
        self.reported[key] = outcome

    def check(self, taken: Collection[str], *, all_went: bool, save_failed: bool) -> None:
        """Raise AssertionError unless the books agree about mails. `all_went`: sending ended without an error."""
        for key in taken:
            self._check_mail(key, all_went=all_went, save_failed=save_failed)
        assert not self.wrong, "\n".join(self.wrong)

    def _check_mail(self, key: str, *, all_went: bool, save_failed: bool) -> None:
        outcome = self.reported.get(key)
        if self.begun[key] > 1:
            self.wrong.append(f"{key}: its message was begun {self.begun[key]} times")
        if outcome is None:
            if all_went and key not in self.cancelled:
                self.wrong.append(f"{key} was lost: it has no outcome")
            if self.begun[key] and not save_failed:
                self.wrong.append(f"{key}: its message was begun, and it has no outcome")
            return
        if key not in self.saved and not save_failed:
            self.wrong.append(f"{key}: its outcome was not saved at the end: {outcome}")
        self._check_outcome(key, outcome)

    def _check_outcome(self, key: str, outcome: Outcome) -> None:
        receipt = self.received.get(key)
        if isinstance(outcome, Accepted | InDoubt) and key not in self.ended:
            self.wrong.append(f"{key}: its final dot was never written: {outcome}")
        if receipt is None and key in self.ended and not self.misled and not isinstance(outcome, InDoubt):
            self.wrong.append(f"{key}: {outcome}, but the server never had its end")
        if receipt and receipt.truthful and not isinstance(outcome, self._allowed(key, receipt)):
            self.wrong.append(f"{key}: {outcome}, but the server's answer was {receipt}")

    def _allowed(self, key: str, receipt: Receipt) -> tuple[type[Outcome], ...]:
        meant = FINAL[receipt.meaning] if key in self.delivered else InDoubt
        # An acceptance of half a message is none, unless the rest was on its way already.
        return (meant, Deferred) if receipt.early and meant in (Accepted, InDoubt) else (meant,)


@dataclass
class Wire:
    """What was written to one connection. Before it carries a message, the outcomes of its earlier mails are saved."""

    ledger: RelayLedger
    _tail: bytes = b""
    _begun: str = ""
    _envelopes: list[str] = field(default_factory=list)  # the mails whose envelopes were written, in order

    def record(self, octets: bytes) -> None:
        """Note octets as they are written."""
        *messages, self._tail = (self._tail + octets).split(b"\n.\r\n")
        for message in messages:
            self._begin(message)
            if self._begun:
                self.ledger.ended.add(self._begun)
                self._begun = ""
        self._begin(self._tail)

    def _begin(self, message: bytes) -> None:
        for found in RECIPIENT.finditer(message):
            if found[1].decode() not in self._envelopes:
                self._envelopes.append(found[1].decode())
        if not self._begun and (key := key_in(message)):
            self._begun = key
            if unsaved := set(self._envelopes) - {key} - self.ledger.saved:
                self.ledger.wrong.append(f"{key} was begun before the outcomes of {unsaved} were saved")
            self.ledger.begun[key] += 1
            if key in self.ledger.cancelled:
                self.ledger.wrong.append(f"{key} was begun after it was cancelled")
