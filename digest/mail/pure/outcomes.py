"""What a mail server can say of a message: a closed set of values, matched exhaustively."""

import re
from dataclasses import dataclass

ENHANCED = re.compile(
    r"([245])\.\d{1,3}\.\d{1,3}\b"
)  # RFC 3463; servers put it first behind the code (RFC 2034)
LONGEST_ANSWER = 400  # characters of the server's own words that are kept


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took responsibility."""

    answer: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now; the same message may be tried again later."""

    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """No, and asking again won't help."""

    answer: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The connection broke between the final dot and the reply: it may or may not have been accepted."""

    answer: str


Outcome = Accepted | Deferred | Refused | InDoubt


def of_reply(code: int, text: str) -> Accepted | Deferred | Refused:
    """Read a reply code (RFC 5321, section 4.2.1) and the enhanced code behind it (RFC 3463).

    Where the two contradict each other the message is tried again: a delay does less harm than a reader given up.
    """
    answer = f"{code} {text}"[:LONGEST_ANSWER]
    if 200 <= code < 300:
        return Accepted(answer)
    enhanced = ENHANCED.match(text)
    refused = 500 <= code < 600 and (enhanced is None or enhanced[1] == "5")
    return Refused(answer) if refused else Deferred(answer)
