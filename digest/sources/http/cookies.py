"""The cookies of one chain of redirects. Some sites set a cookie, redirect to the same address, and expect it back."""

from collections.abc import Iterable
from email.message import Message
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from urllib.request import Request

from digest.sources.pure.urls import is_public_suffix

MAX_COOKIES = 50  # of one response
MAX_COOKIE_LENGTH = 4_096  # characters, as in browsers (RFC 6265, section 6.1)
MAX_HEADER_LENGTH = 8_000  # characters; most servers refuse longer ones


class _Policy(DefaultCookiePolicy):
    """Keeps a site from setting cookies for all hosts of a public suffix, such as co.uk."""

    def set_ok_domain(self, cookie: Cookie, request: Request) -> bool:
        is_for_all = cookie.domain_specified and is_public_suffix(cookie.domain.lstrip("."))
        return not is_for_all and bool(super().set_ok_domain(cookie, request))


class _Response:
    """A response as CookieJar expects it."""

    def __init__(self, headers: Message) -> None:
        self._headers = headers

    def info(self) -> Message:
        return self._headers


class ChainCookies:
    """Takes the cookies of each response and gives those that belong to the next request: same site, path, scheme."""

    def __init__(self) -> None:
        self._jar = CookieJar(_Policy())

    def take(self, url: str, set_cookie: Iterable[str]) -> None:
        """Keep the cookies that the response from `url` sets; `set_cookie` are the values of its header."""
        headers = Message()
        for value in [value for value in set_cookie if len(value) <= MAX_COOKIE_LENGTH][:MAX_COOKIES]:
            headers["Set-Cookie"] = value
        self._jar.extract_cookies(_Response(headers), Request(url))  # type: ignore[arg-type]  # noqa: S310 -- opens nothing

    def header(self, url: str) -> str:
        """The Cookie header of a request for `url`; "" if no cookie belongs to it."""
        request = Request(url)  # noqa: S310 -- opens nothing
        self._jar.add_cookie_header(request)
        value = request.get_header("Cookie") or ""
        return value if len(value) <= MAX_HEADER_LENGTH else ""
