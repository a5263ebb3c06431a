"""HTTP requests with limits on time, size and redirects. Every outcome is a value, not an exception.

This is the only module that uses urllib3.
"""

import http.client
import socket
import ssl
import string
from dataclasses import dataclass, replace
from urllib.parse import quote, urljoin

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError, LocationParseError
from urllib3.util import Url, parse_url

from digest import clock
from digest.errors import NewsroomText
from digest.sources.http.body import SpooledBody, unpacked
from digest.sources.http.connect import Deadline, PrivateAddressError, connect, tls_context
from digest.sources.http.cookies import ChainCookies
from digest.sources.http.results import (
    Fetched,
    FetchFailed,
    FetchLimits,
    FetchResult,
    NotModified,
    Validators,
)
from digest.sources.http.status_descriptions import describe_status
from digest.sources.pure.entries import DocumentError
from digest.sources.pure.pages.guard_pages import MAX_GUARD_PAGE_BYTES, describe_guard, guard_page_reason
from digest.sources.pure.schedule.next_poll import freshness_lifetime, parse_retry_after

CHUNK_SIZE = 64 * 1024
MAX_VALIDATOR_LENGTH = 1_000  # characters; a longer ETag or date is not sent back
MAX_URL_LENGTH = 4_000
DEFAULT_PORTS = {"http": 80, "https": 443}
REDIRECT_IS_PERMANENT = {301: True, 302: False, 303: False, 307: False, 308: True}
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, text/html;q=0.7, */*;q=0.5"
)
SUCCESS_STATUSES = range(200, 300)


@dataclass(frozen=True)
class _Redirected:
    url: str
    is_permanent: bool


class _Checked:
    """Makes a urllib3 connection use `connect`, which checks the address and obeys the deadline."""

    allow_private: bool
    deadline: Deadline
    connect_seconds: float
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        timeout = min(self.connect_seconds, self.deadline.remaining())
        sock = connect(self.host.strip("[]"), self.port, allow_private=self.allow_private, timeout=timeout)
        self.deadline.watch(sock)
        return sock


class _CheckedHTTPConnection(_Checked, HTTPConnection):
    pass


class _CheckedHTTPSConnection(_Checked, HTTPSConnection):
    pass


class Fetcher:
    """Fetches untrusted URLs. `allowed_private_hosts` are the host:port pairs that may be on a private network."""

    def __init__(
        self, *, allowed_private_hosts: frozenset[str], user_agent: str, limits: FetchLimits | None = None
    ) -> None:
        self._allowed_private_hosts = frozenset(name.lower() for name in allowed_private_hosts)
        self._user_agent = user_agent
        self._limits = limits or FetchLimits()

    def fetch(self, url: str, validators: Validators | None = None) -> FetchResult:
        """The document at `url`, or that it has not changed since `validators`, or why it can't be read.

        A redirect from https to http does not count as permanent.
        """
        current_url, permanent_url, all_permanent, cookies = url, None, True, ChainCookies()
        with Deadline(self._limits.total_seconds) as deadline:
            for _ in range(self._limits.max_redirects + 1):
                result = self._request(current_url, validators or Validators(), deadline, cookies)
                if isinstance(result, FetchFailed):
                    return replace(result, gone=result.gone and all_permanent, seconds=deadline.elapsed)
                if not isinstance(result, _Redirected):
                    return replace(result, permanent_url=permanent_url, seconds=deadline.elapsed)
                all_permanent &= result.is_permanent and not _is_downgrade(current_url, result.url)
                current_url = result.url
                permanent_url = current_url if all_permanent else permanent_url
        reason = NewsroomText(
            "the address redirects more than %(max_redirects)s times; find the feed's own address",
            max_redirects=self._limits.max_redirects,
        )
        return FetchFailed(reason, seconds=deadline.elapsed)

    def _request(
        self, url: str, validators: Validators, deadline: Deadline, cookies: ChainCookies
    ) -> FetchResult | _Redirected:
        """Send one request. A network error becomes a `FetchFailed`."""
        target = _parse_target(url)
        if isinstance(target, FetchFailed):
            return target
        connection = self._connection(target, deadline)
        try:
            connection.request(
                "GET",
                target.request_uri,
                headers=self._headers(validators, cookies.header(target.url)),
                preload_content=False,
                decode_content=True,
            )
            response = connection.getresponse()
            cookies.take(target.url, response.headers.getlist("Set-Cookie"))
            result = self._result(response, target.url, validators)
        except DocumentError as error:
            result = FetchFailed(str(error))
        except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            result = FetchFailed(_describe_error(error, target, self._limits))
        finally:
            connection.close()
        if isinstance(result, FetchFailed):
            result = replace(result, host=(target.host or "").lower())
        if deadline.expired:  # a connection that was shut down halfway can look like a short, complete body
            return FetchFailed(
                NewsroomText(
                    "%(host)s took longer than %(seconds)s s to answer",
                    host=target.host,
                    seconds=f"{deadline.seconds:g}",
                )
            )
        return result

    def _connection(self, target: Url, deadline: Deadline) -> HTTPConnection:
        host, port = target.host or "", target.port or DEFAULT_PORTS[target.scheme or "http"]
        timeout = deadline.remaining()
        connection: _CheckedHTTPConnection | _CheckedHTTPSConnection
        if target.scheme == "https":
            connection = _CheckedHTTPSConnection(host, port, timeout=timeout, ssl_context=tls_context())
        else:
            connection = _CheckedHTTPConnection(host, port, timeout=timeout)
        connection.allow_private = f"{host}:{port}".lower() in self._allowed_private_hosts
        connection.deadline = deadline
        connection.connect_seconds = self._limits.connect_seconds
        return connection

    def _headers(self, validators: Validators, cookie: str) -> dict[str, str]:
        conditions = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        headers = {"User-Agent": self._user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"}
        headers |= {"Cookie": cookie} if cookie else {}
        return headers | {
            name: value for name, value in conditions.items() if value and len(value) <= MAX_VALIDATOR_LENGTH
        }

    def _result(
        self, response: BaseHTTPResponse, url: str, validators: Validators
    ) -> FetchResult | _Redirected:
        status, headers = response.status, response.headers
        if status in REDIRECT_IS_PERMANENT and headers.get("Location"):
            return _Redirected(_redirect_target(url, headers["Location"]), REDIRECT_IS_PERMANENT[status])
        received = Validators(headers.get("ETag"), headers.get("Last-Modified"))
        now = clock.now()
        fresh_for = freshness_lifetime(headers.get("Cache-Control"), headers.get("Expires"), now=now)
        retry_after = parse_retry_after(headers.get("Retry-After"), now=now)
        if status == http.HTTPStatus.NOT_MODIFIED and (validators.etag or validators.last_modified):
            etag = received.etag or validators.etag
            last_modified = received.last_modified or validators.last_modified
            return NotModified(Validators(etag, last_modified), retry_after, fresh_for)
        if status not in SUCCESS_STATUSES:
            is_gone = status == http.HTTPStatus.GONE
            is_challenge = headers.get("cf-mitigated") == "challenge"  # a header of Cloudflare's
            reason = describe_guard("Cloudflare") if is_challenge else describe_status(status)
            return FetchFailed(reason, status, retry_after, gone=is_gone)
        body = self._read_body(response)
        if body is None:
            return FetchFailed(
                NewsroomText(
                    "the body is larger than %(max_bytes)s bytes; no feed is so large",
                    max_bytes=f"{self._limits.max_bytes:,}",
                ),
                status,
            )
        if reason := guard_page_reason(body.read(MAX_GUARD_PAGE_BYTES + 1)):
            return FetchFailed(reason, status, retry_after)
        content_type = headers.get("Content-Type", "")
        return Fetched(url, status, content_type, body, received, retry_after, fresh_for)

    def _read_body(self, response: BaseHTTPResponse) -> SpooledBody | None:
        """The decoded body, unpacked if it is a gzip file; None as soon as it exceeds the limit."""
        body = SpooledBody()
        while piece := response.read(CHUNK_SIZE):
            body.add(piece)
            if body.size > self._limits.max_bytes:
                return None
        return unpacked(body, self._limits.max_bytes)


def refusal_reason(url: str) -> str:
    """Why `url` is never fetched; "" if it may be."""
    target = _parse_target(url)
    return target.reason if isinstance(target, FetchFailed) else ""


def _parse_target(url: str) -> Url | FetchFailed:
    """The normalised parts of `url`, or the reason why it is never fetched."""
    try:
        target = parse_url(url.strip()) if len(url) <= MAX_URL_LENGTH else None
    except LocationParseError:
        target = None
    if target is None or not (target.scheme and target.host):
        return FetchFailed(
            NewsroomText(
                "%(url)s is not an address of a web page (example: https://example.org/feed)",
                url=repr(url[:100]),
            )
        )
    if target.scheme not in DEFAULT_PORTS:
        return FetchFailed(
            NewsroomText("%(scheme)s addresses are not read, only http and https", scheme=repr(target.scheme))
        )
    if target.auth:
        return FetchFailed(NewsroomText("the address has a user name or password; give it without them"))
    return target


def _redirect_target(url: str, location: str) -> str:
    """The address to which a Location header leads from `url`.

    http.client decodes headers as Latin-1, but publishers write raw UTF-8. Other octets are escaped, as browsers do.
    """
    octets = location.encode("latin-1", "replace").strip()
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = quote(octets, safe=string.printable)
    absolute = urljoin(url, text)
    target = None if absolute.isascii() else _parse_target(absolute)
    return target.url if isinstance(target, Url) else absolute


def _is_downgrade(url: str, redirected_to: str) -> bool:
    """Whether a redirect leads from https to http."""
    return url.lower().startswith("https:") and redirected_to.lower().startswith("http:")


def _describe_error(error: Exception, target: Url, limits: FetchLimits) -> str:
    """A network error in words, for the person who added the source."""
    host = target.host
    port = target.port or DEFAULT_PORTS[target.scheme or "http"]
    cause = (
        error.__cause__ if isinstance(error, HTTPError) and isinstance(error.__cause__, OSError) else error
    )
    match cause:
        case PrivateAddressError():
            text = NewsroomText(
                "%(host)s is not on the public internet (%(cause)s); "
                "to read it anyway, add %(host)s:%(port)s to FETCH_ALLOW",
                host=host, port=port, cause=cause,
            )  # fmt: skip
        case socket.gaierror():
            text = NewsroomText("there is no host %(host)s; check the spelling", host=host)
        case ssl.SSLCertVerificationError():
            text = NewsroomText(
                "the certificate of %(host)s is not valid: %(error)s", host=host, error=cause.verify_message
            )
        case ssl.SSLError():
            text = NewsroomText(
                "no secure connection to %(host)s (%(reason)s)", host=host, reason=cause.reason or cause
            )
        case TimeoutError():
            text = NewsroomText(
                "%(host)s did not answer within %(seconds)s s",
                host=host,
                seconds=f"{limits.connect_seconds:g}",
            )
        case ConnectionRefusedError():
            text = NewsroomText("%(host)s refuses connections on port %(port)s", host=host, port=port)
        case DecodeError():
            text = NewsroomText("%(host)s sent a body whose compression is damaged", host=host)
        case _:
            text = NewsroomText(
                "the connection to %(host)s broke off (%(name)s)", host=host, name=type(cause).__name__
            )
    return text
