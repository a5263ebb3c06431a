"""What a mail server can say of a message: a closed set of values, matched exhaustively."""

from dataclasses import dataclass


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
    """Read a reply code (RFC 5321, section 4.2.1)."""
    answer = f"{code} {text}"
    if 200 <= code < 400:
        return Accepted(answer)
    return Refused(answer) if code >= 500 else Deferred(answer)
