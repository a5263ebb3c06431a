"""The canonical form of an article's address: addresses with the same form belong to one article."""

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from digest.articles.pure.redirects import unwrap
from digest.articles.pure.tracking_parameters import without_tracking
from digest.errors import InvalidInputError, NewsroomText
from digest.own_addresses import ascii_host

MAX_URL_LENGTH = 2_000  # characters; browsers and mail programs can open this many
DEFAULT_PORTS = {"http": 80, "https": 443}
# Characters of a path that need no escaping (RFC 3986, section 3.3), and "%" of escapes that are there already.
SAFE_CHARACTERS = "/:@!$&'()*+,;=~-._%"
# The fragment of a site whose pages are all one document: "#/news/1", "#!/news/1", "#!news". It names the page.
ROUTE = re.compile(r"/.|!.")
MARK = "entry-"
MARK_OF_ROUTE = re.compile(rf"[?&]{MARK}[0-9a-f]+$")


def canonical_url(url: str) -> str:
    """The canonical form of an article's address: without redirecting service, anchor, tracking and default port.

    The order of the query stays, because some sites depend on it. A fragment stays if it names a page ("#/news/1").
    Raises `InvalidInputError` if `url` is not an http or https address.

    >>> canonical_url("HTTP://News.Example:80/a?id=1&utm_source=rss#top")
    'http://news.example/a?id=1'
    """
    text = "".join(url.split()).rstrip("\\\"'<>").replace("&amp;", "&")  # left over from a template
    parts = _parts(unwrap(text))
    query = without_tracking(parts.query, parts.hostname or "")
    path = quote(parts.path or "/", safe=SAFE_CHARACTERS, errors="replace")
    return urlunsplit(
        (
            parts.scheme.lower(),
            _host(parts),
            path,
            quote(query, safe=SAFE_CHARACTERS + "?", errors="replace"),
            _quote_fragment(parts.fragment) if ROUTE.match(parts.fragment) else "",
        )
    )


def anchor_of(url: str) -> str:
    """The place on its page that an address names, escaped; "" if there is none, or if the fragment names the page.

    >>> anchor_of("https://news.example/today.html#n3")
    'n3'
    """
    fragment = unwrap("".join(url.split())).partition("#")[2]
    return "" if ROUTE.match(fragment) else _quote_fragment(fragment)


def page_of(url: str) -> str:
    """A canonical address without its anchor and without the mark that `marked_url` sets.

    >>> page_of("https://news.example/today.html#n3")
    'https://news.example/today.html'
    """
    page, _, fragment = url.partition("#")
    route = MARK_OF_ROUTE.sub("", fragment) if ROUTE.match(fragment) else ""
    return f"{page}#{route}" if route else page


def marked_url(page: str, key: str) -> str:
    """An address of `page`, a canonical address, that no other entry of it has. It opens the same page.

    >>> marked_url("https://news.example/alerts", "3f2a")
    'https://news.example/alerts#entry-3f2a'
    """
    if "#" not in page:
        return f"{page}#{MARK}{key}"
    return f"{page}{'&' if '?' in page.partition('#')[2] else '?'}{MARK}{key}"


def _quote_fragment(fragment: str) -> str:
    return quote(fragment, safe=SAFE_CHARACTERS + "?", errors="replace")


def swap_scheme(url: str) -> str:
    """The same address with http instead of https, or the reverse: a site that changed its scheme is the same site.

    >>> swap_scheme("http://news.example/a")
    'https://news.example/a'
    """
    scheme, address = url.split(":", 1)
    return f"{'http' if scheme == 'https' else 'https'}:{address}"


def _parts(text: str) -> SplitResult:
    """The parts of an http(s) URL. Raises `InvalidInputError`."""
    if len(text) > MAX_URL_LENGTH:
        raise InvalidInputError(
            NewsroomText(
                "%(text)s… is longer than %(max_url_length)s characters",
                text=text[:80],
                max_url_length=MAX_URL_LENGTH,
            )
        )
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError if it is not a number
    except ValueError as error:
        raise InvalidInputError(
            NewsroomText("%(text)s is not a web address: %(error)s", text=repr(text[:200]), error=error)
        ) from error
    if parts.scheme.lower() not in DEFAULT_PORTS or not parts.hostname:
        raise InvalidInputError(
            NewsroomText(
                "%(text)s is not a web address (example: https://example.org/news/1)", text=repr(text[:200])
            )
        )
    return parts


def _host(parts: SplitResult) -> str:
    """The host in lower-case ASCII, with the port unless it is the default, and without a user name."""
    host = (parts.hostname or "").rstrip(".")
    try:
        host = host if host.isascii() else ascii_host(host)
    except ValueError as error:
        raise InvalidInputError(NewsroomText("%(host)s is not a host name", host=repr(host))) from error
    host = f"[{host}]" if ":" in host else host
    has_default_port = parts.port in (None, DEFAULT_PORTS[parts.scheme.lower()])
    return host if has_default_port else f"{host}:{parts.port}"
