"""The states and kinds of a source, as they are stored."""

from enum import StrEnum


class SourceState(StrEnum):
    """Whether a source is polled."""

    ACTIVE = "active"
    STOPPED = "stopped"


class PollOutcome(StrEnum):
    """How a poll of a source ended."""

    READ = "read"  # its document was new, and was read
    UNCHANGED = "unchanged"  # status 304, or the same document as before
    FAILED = "failed"


class SourceKind(StrEnum):
    """What kind of document a source's address returns."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"
