"""Polite, bounded HTTP. The only module that knows urllib3, and every answer it gives is a value."""

import http.client
import socket
import ssl
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urljoin

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError, LocationParseError
from urllib3.util import Url, parse_url

from digest import clock
from digest.sources.http import status_descriptions
from digest.sources.http.body import Body
from digest.sources.http.connect import Deadline, PrivateAddressError, connect
from digest.sources.pure.schedule.next_poll import fresh_for, retry_after

CHUNK = 64 * 1024
LONGEST_VALIDATOR = 1_000  # characters; an ETag or date that is longer is not worth sending back
LONGEST_URL = 4_000
PORTS = {"http": 80, "https": 443}
REDIRECTS = {301: True, 302: False, 303: False, 307: False, 308: True}  # whether for good
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, text/html;q=0.7, */*;q=0.5"
)
SUCCESS = range(200, 300)


@dataclass(frozen=True)
class FetchLimits:
    """What one fetch may cost: seconds, decoded bytes and redirects."""

    connect: float = 5.0
    total: float = 30.0
    size: int = 10 * 1024 * 1024
    redirects: int = 5


@dataclass(frozen=True)
class Validators:
    """What the last answer said, to ask for nothing unless there is something new (RFC 9110, section 13)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Fetched:
    """A body. `url` is where it was in the end, `permanent_url` where the source has moved to for good."""

    url: str
    status: int
    content_type: str
    kept: Body = field(repr=False)
    validators: Validators
    retry_after: timedelta | None = None
    fresh_for: timedelta | None = None
    permanent_url: str | None = None

    @property
    def body(self) -> bytes:
        """The decoded body."""
        return self.kept.read()


@dataclass(frozen=True)
class NotModified:
    """Nothing new since the validators' time."""

    validators: Validators
    retry_after: timedelta | None = None
    fresh_for: timedelta | None = None
    permanent_url: str | None = None


@dataclass(frozen=True)
class FetchFailed:
    """No body; `reason` is for people. `gone` means that the publisher wants no more polls.

    `host` is the one that answered with `status`: after a redirect not the one that was asked first.
    """

    reason: str
    status: int | None = None
    retry_after: timedelta | None = None
    gone: bool = False
    host: str = ""


@dataclass(frozen=True)
class _Redirected:
    url: str
    for_good: bool


Answer = Fetched | NotModified | FetchFailed


class _Checked:
    """What makes a urllib3 connection use `connect`, with its check and its deadline."""

    allowed: bool
    deadline: Deadline
    connect_timeout: float
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        timeout = min(self.connect_timeout, self.deadline.remaining())
        sock = connect(self.host.strip("[]"), self.port, allowed=self.allowed, timeout=timeout)
        self.deadline.watch(sock)
        return sock


class _CheckedHTTPConnection(_Checked, HTTPConnection):
    pass


class _CheckedHTTPSConnection(_Checked, HTTPSConnection):
    pass


class Fetcher:
    """Fetches what strangers' URLs name. `allow` holds the host:port pairs that may be private addresses."""

    def __init__(self, *, allow: frozenset[str], user_agent: str, limits: FetchLimits | None = None) -> None:
        self._allow = frozenset(name.lower() for name in allow)
        self._user_agent = user_agent
        self._limits = limits or FetchLimits()
        self._tls = ssl.create_default_context()

    def fetch(self, url: str, validators: Validators | None = None) -> Answer:
        """What is at `url` now, or that it has not changed since `validators`, or why we can't tell."""
        here, moved, for_good = url, None, True
        with Deadline(self._limits.total) as deadline:
            for _ in range(self._limits.redirects + 1):
                answer = self._ask(here, validators or Validators(), deadline)
                if isinstance(answer, FetchFailed):
                    return replace(answer, gone=answer.gone and for_good)
                if not isinstance(answer, _Redirected):
                    return replace(answer, permanent_url=moved)
                downgrade = here.lower().startswith("https:") and answer.url.lower().startswith("http:")
                for_good = for_good and answer.for_good and not downgrade
                here = answer.url
                moved = here if for_good else moved
        return FetchFailed(
            f"the address redirects more than {self._limits.redirects} times; find the feed's own address"
        )

    def _ask(self, url: str, validators: Validators, deadline: Deadline) -> Answer | _Redirected:
        """One request, its answer or its failure in words."""
        target = _target(url)
        if isinstance(target, FetchFailed):
            return target
        connection = self._connection(target, deadline)
        try:
            connection.request(
                "GET",
                target.request_uri,
                headers=self._headers(validators),
                preload_content=False,
                decode_content=True,
            )
            answer = self._answer(connection.getresponse(), target.url, validators)
        except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            answer = FetchFailed(_in_words(error, target, self._limits))
        finally:
            connection.close()
        if isinstance(answer, FetchFailed):
            answer = replace(answer, host=(target.host or "").lower())
        if deadline.passed:  # a connection shut down in the middle can look like a short, whole body
            return FetchFailed(f"{target.host} took longer than {deadline.seconds:g} s to answer")
        return answer

    def _connection(self, target: Url, deadline: Deadline) -> HTTPConnection:
        port = target.port or PORTS[target.scheme or "http"]
        host = target.host or ""
        timeout = deadline.remaining()
        connection: _CheckedHTTPConnection | _CheckedHTTPSConnection
        if target.scheme == "https":
            connection = _CheckedHTTPSConnection(host, port, timeout=timeout, ssl_context=self._tls)
        else:
            connection = _CheckedHTTPConnection(host, port, timeout=timeout)
        connection.allowed = f"{host}:{port}".lower() in self._allow
        connection.deadline = deadline
        connection.connect_timeout = self._limits.connect
        return connection

    def _headers(self, validators: Validators) -> dict[str, str]:
        conditions = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        asked = {
            name: value for name, value in conditions.items() if value and len(value) <= LONGEST_VALIDATOR
        }
        return {"User-Agent": self._user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate", **asked}

    def _answer(self, response: BaseHTTPResponse, url: str, validators: Validators) -> Answer | _Redirected:
        status, headers = response.status, response.headers
        if status in REDIRECTS and headers.get("Location"):
            return _Redirected(urljoin(url, headers["Location"].strip()), REDIRECTS[status])
        new = Validators(headers.get("ETag"), headers.get("Last-Modified"))
        now = clock.now()
        fresh = fresh_for(headers.get("Cache-Control"), headers.get("Expires"), now=now)
        wait = retry_after(headers.get("Retry-After"), now=now)
        if status == http.HTTPStatus.NOT_MODIFIED and (validators.etag or validators.last_modified):
            still = Validators(new.etag or validators.etag, new.last_modified or validators.last_modified)
            return NotModified(still, wait, fresh)
        if status not in SUCCESS:
            return FetchFailed(
                status_descriptions.in_words(status), status, wait, gone=status == http.HTTPStatus.GONE
            )
        body = self._body(response)
        if body is None:
            return FetchFailed(
                f"the body is larger than {self._limits.size:,} bytes; no feed is so large", status
            )
        return Fetched(url, status, headers.get("Content-Type", ""), body, new, wait, fresh)

    def _body(self, response: BaseHTTPResponse) -> Body | None:
        """The decoded body; None as soon as it is too large."""
        body = Body()
        while piece := response.read(CHUNK):
            body.add(piece)
            if body.size > self._limits.size:
                return None
        return body


def refused(url: str) -> str:
    """Why `url` is never asked for; "" when it is."""
    target = _target(url)
    return target.reason if isinstance(target, FetchFailed) else ""


def _target(url: str) -> Url | FetchFailed:
    """The parts of `url`, normalised; or why we don't ask it."""
    try:
        target = parse_url(url.strip()) if len(url) <= LONGEST_URL else None
    except LocationParseError:
        target = None
    if target is None or not (target.scheme and target.host):
        return FetchFailed(
            f"{url[:100]!r} is not an address of a web page (example: https://example.org/feed)"
        )
    if target.scheme not in PORTS:
        return FetchFailed(f"{target.scheme!r} addresses are not read, only http and https")
    if target.auth:
        return FetchFailed("the address holds a user name or password; give it without them")
    return target


def _in_words(error: Exception, target: Url, limits: FetchLimits) -> str:
    """What went wrong, for the person who added the source."""
    host = target.host
    port = target.port or PORTS[target.scheme or "http"]
    cause = (
        error.__cause__ if isinstance(error, HTTPError) and isinstance(error.__cause__, OSError) else error
    )
    match cause:
        case PrivateAddressError():
            mend = f"if it may be read all the same, add {host}:{port} to FETCH_ALLOW"
            words = f"{host} is not on the public internet ({cause}); {mend}"
        case socket.gaierror():
            words = f"there is no host {host}; check the spelling"
        case ssl.SSLCertVerificationError():
            words = f"the certificate of {host} is not valid: {cause.verify_message}"
        case ssl.SSLError():
            words = f"no secure connection to {host} ({cause.reason or cause})"
        case TimeoutError():
            words = f"{host} did not answer within {limits.connect:g} s"
        case ConnectionRefusedError():
            words = f"{host} refuses connections on port {port}"
        case DecodeError():
            words = f"{host} sent a body whose compression is damaged"
        case _:
            words = f"the connection to {host} broke off ({type(cause).__name__})"
    return words
