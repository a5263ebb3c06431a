"""What can become of a message at a mail server: a closed set of values, matched exhaustively."""

import re
from dataclasses import dataclass

# RFC 3463; servers put it right after the reply code (RFC 2034).
ENHANCED_CODE = re.compile(r"([245])\.\d{1,3}\.\d{1,3}\b")
MAX_ANSWER_LENGTH = 400  # characters of the server's reply that are stored


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took responsibility for the message."""

    answer: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """A temporary error: the same message may be tried again later."""

    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A permanent error: trying again would not help."""

    answer: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The reply to the final dot is missing or invalid, so the message may have been accepted."""

    answer: str


Outcome = Accepted | Deferred | Refused | InDoubt


def classify_reply(code: int, text: str, command: str) -> Accepted | Deferred | Refused:
    """The outcome by the reply code (RFC 5321, section 4.2.1) and the enhanced code after it (RFC 3463).

    If the two codes of an error contradict each other, the message is deferred: a delay does less harm than giving up
    an address. A refusal names the `command` that was answered, in the words of Postfix: whether the address or its
    sender is at fault depends on it.
    """
    answer = f"{code} {text}"[:MAX_ANSWER_LENGTH]
    if 200 <= code < 300:
        return Accepted(answer)
    enhanced = ENHANCED_CODE.match(text)
    refused = 500 <= code < 600 and (enhanced is None or enhanced[1] == "5")
    return Refused(f"{answer} (in reply to {command})") if refused else Deferred(answer)
