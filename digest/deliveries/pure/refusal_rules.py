"""When a mail server's refusals stop an edition, and when it is believed that addresses do not exist.

A wrong configuration makes a mail server call every address unknown, and a list that was bought has many that are. Both
look alike, so in both cases the edition stops, nobody is suppressed, and an editor decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from digest.deliveries.states import RefusalKind
from digest.errors import NewsroomText

# Big mailbox providers take a list with more than about 5 % unknown addresses for a bought one (Google's and Yahoo's
# sender rules of 2024).
MAX_REFUSED_SHARE = 0.05
MIN_ANSWERS = 200  # with fewer, the share of refusals says little
# A mail server that refuses us does so at every mail, so few refusals are enough. One or two may be odd receivers, and
# nobody who owns a mail server shall be able to stop an edition with one address.
MAX_SENDER_FAULT_SHARE, MIN_SENDER_FAULTS = 0.005, 3


@dataclass(frozen=True, slots=True)
class RefusalCounts:
    """The answers of a mail server: how many there are, and how many of them are refusals of each kind."""

    answered: int
    by_kind: Mapping[RefusalKind, int]

    @property
    def has_enough_answers(self) -> bool:
        """Whether the share of refusals says something."""
        return self.answered >= MIN_ANSWERS

    def of(self, kind: RefusalKind) -> int:
        """How many refusals are of a kind."""
        return self.by_kind.get(kind, 0)


def is_believed(count: int, answered: int) -> bool:
    """Whether `count` refusals of one kind among `answered` answers are few enough to be about the addresses."""
    return count < MAX_REFUSED_SHARE * max(answered, MIN_ANSWERS)


def stop_reason(counts: RefusalCounts, example: str = "") -> str:
    """Why refusals should stop an edition, in words; "" when it may continue.

    `example` is an answer of the mail server for which the sender is at fault.
    """
    unknown, faults = counts.of(RefusalKind.UNKNOWN_RECIPIENT), counts.of(RefusalKind.SENDER)
    if counts.has_enough_answers and not is_believed(unknown, counts.answered):
        return NewsroomText(
            "%(unknown)s of %(answered)s mails were refused because their addresses are unknown "
            "(%(share)s; less than %(max_refused_share)s should be)",
            unknown=unknown,
            answered=counts.answered,
            share=f"{unknown / counts.answered:.1%}",
            max_refused_share=f"{MAX_REFUSED_SHARE:.0%}",
        )
    if faults >= max(MIN_SENDER_FAULTS, MAX_SENDER_FAULT_SHARE * counts.answered):
        words = NewsroomText(
            "%(faults)s of %(answered)s mails were refused for a reason that is not the reader's but ours",
            faults=faults,
            answered=counts.answered,
        )
        return f"{words}: {example}" if example else words
    return ""
