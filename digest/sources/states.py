"""The states and kinds of a source, as they are stored."""

from enum import StrEnum


class SourceState(StrEnum):
    """Whether a source is polled."""

    ACTIVE = "active"
    STOPPED = "stopped"


class SourceKind(StrEnum):
    """What kind of document a source's address returns."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"
