"""What a fetch can cost, sends and brings, as values."""

from dataclasses import dataclass, field
from datetime import timedelta

from digest.sources.http.body import SpooledBody


@dataclass(frozen=True)
class FetchLimits:
    """The most that one fetch may cost: seconds, decoded bytes and redirects."""

    connect_seconds: float = 5.0
    total_seconds: float = 30.0
    max_bytes: int = 10 * 1024 * 1024
    max_redirects: int = 5


@dataclass(frozen=True)
class Validators:
    """The validators of the last response, for a conditional request (RFC 9110, section 13)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Fetched:
    """A response with a body. `url` is the address after all redirects.

    `permanent_url` is where the permanent redirects at the start lead; None if there were none.
    """

    url: str
    status: int
    content_type: str
    spooled_body: SpooledBody = field(repr=False)
    validators: Validators
    retry_after: timedelta | None = None
    fresh_for: timedelta | None = None
    permanent_url: str | None = None
    seconds: float = field(default=0.0, compare=False)  # from the first request to the end of the body

    @property
    def body(self) -> bytes:
        """The decoded body."""
        return self.spooled_body.read()


@dataclass(frozen=True)
class NotModified:
    """The document has not changed since the validators were sent."""

    validators: Validators
    retry_after: timedelta | None = None
    fresh_for: timedelta | None = None
    permanent_url: str | None = None
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class FetchFailed:
    """There is no body; `reason` says why, for people. `gone` means that the publisher wants no more polls.

    `host` is the host that answered with `status`: after a redirect it differs from the host of the first URL.
    """

    reason: str
    status: int | None = None
    retry_after: timedelta | None = None
    gone: bool = False
    host: str = ""
    seconds: float = field(default=0.0, compare=False)


FetchResult = Fetched | NotModified | FetchFailed
