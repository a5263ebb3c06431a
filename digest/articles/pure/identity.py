"""When two addresses are the same article."""

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from digest.errors import InvalidInputError

LONGEST = 2_000  # characters; what browsers and mail programs can still open
DEFAULT_PORTS = {"http": 80, "https": 443}
# What sharing tools and newsletters append: it tells where a reader came from, never which page it is.
TRACKING = re.compile(
    r"(?:utm_\w*|mtm_\w*|pk_(?:campaign|kwd|source|medium)|piwik_\w*|matomo_\w*|at_(?:medium|campaign|link\w*|format|ptr_\w*)"
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ysclid|twclid|ttclid|igshid|igsh|li_fat_id|_openstat"
    r"|mc_cid|mc_eid|_hsenc|_hsmi|hsctatracking|vero_id|oly_anon_id|oly_enc_id|mkt_tok|wt_?mc|xtor|cmpid|ncid"
    r"|smid|smtyp|ocid|sr_share|ref_src|ref_url|__twitter_impression|taid)",
    re.IGNORECASE,
)
SAFE = (
    "/:@!$&'()*+,;=~-._%"  # RFC 3986's characters of a path that need no escaping, and escapes already there
)


def canonical_url(url: str) -> str:
    """The one form of an article's address, by which it is known: without fragment, tracking and default port.

    The order of the query is kept, because some sites read it. Raises `InvalidInputError` for what is no
    http or https address.

    >>> canonical_url("HTTP://News.Example:80/a?id=1&utm_source=rss#top")
    'http://news.example/a?id=1'
    """
    text = "".join(url.split()).rstrip("\\\"'<>").replace("&amp;", "&")  # what a template left behind
    parts = _parts(text)
    query = "&".join(
        pair for pair in parts.query.split("&") if pair and not TRACKING.fullmatch(pair.split("=")[0])
    )
    path = quote(parts.path or "/", safe=SAFE, errors="replace")
    return urlunsplit(
        (parts.scheme.lower(), _host(parts), path, quote(query, safe=SAFE + "?", errors="replace"), "")
    )


def other_scheme(url: str) -> str:
    """The same address with http for https, or the other way round: a site that has changed over is the same site.

    >>> other_scheme("http://news.example/a")
    'https://news.example/a'
    """
    scheme, rest = url.split(":", 1)
    return f"{'http' if scheme == 'https' else 'https'}:{rest}"


def _parts(text: str) -> SplitResult:
    """The parts of an http(s) URL. Raises `InvalidInputError`."""
    if len(text) > LONGEST:
        raise InvalidInputError(f"{text[:80]}… is longer than {LONGEST} characters")
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError for one that is no number
    except ValueError as error:
        raise InvalidInputError(f"{text[:200]!r} is not a web address: {error}") from error
    if parts.scheme.lower() not in DEFAULT_PORTS or not parts.hostname:
        raise InvalidInputError(f"{text[:200]!r} is not a web address (example: https://example.org/news/1)")
    return parts


def _host(parts: SplitResult) -> str:
    """Lower-case host in ASCII, with the port where it is not the usual one, and without a user name."""
    host = (parts.hostname or "").rstrip(".")
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise InvalidInputError(f"{host!r} is not a host name") from error
    host = f"[{host}]" if ":" in host else host
    usual = parts.port in (None, DEFAULT_PORTS[parts.scheme.lower()])
    return host if usual else f"{host}:{parts.port}"
