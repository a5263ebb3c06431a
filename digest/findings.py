"""What a check of `dateline doctor` or of the page for setting up found."""

from dataclasses import dataclass
from enum import StrEnum


class FindingLevel(StrEnum):
    """Whether something is wrong. A warning does not change the exit status."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, and lines to copy, such as a record to publish."""

    level: FindingLevel
    text: str
    records: tuple[str, ...] = ()


OK = Finding(FindingLevel.OK, "ok")


def wrong(text: str, *records: str) -> Finding:
    """Something that is wrong."""
    return Finding(FindingLevel.ERROR, text, records)


def doubtful(text: str, *records: str) -> Finding:
    """Something that may be wrong, or that does not matter yet."""
    return Finding(FindingLevel.WARNING, text, records)


def fine(text: str, *records: str) -> Finding:
    """Something that is right, with what was found."""
    return Finding(FindingLevel.OK, text, records)
