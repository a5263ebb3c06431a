"""Whether a request comes from this machine, and whether a proxy has forwarded it."""

from collections.abc import Iterable
from ipaddress import ip_address

# Headers that proxies, tunnels and content delivery networks add, besides those that begin with X-Forwarded.
PROXY_HEADERS = frozenset(("forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip"))
LOCAL_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))


def is_forwarded(header_names: Iterable[str]) -> bool:
    """Whether a header says that a proxy has forwarded the request, so that it may come from anywhere."""
    names = map(str.lower, header_names)
    return any(name in PROXY_HEADERS or name.startswith("x-forwarded") for name in names)


def is_local(peer: str | None, host: str, header_names: Iterable[str]) -> bool:
    """Whether a request comes from this machine: by its peer's address and by the name that it asks for.

    `host` may have a port. A page of another site, opened on this machine, asks for that site's name.
    """
    try:
        from_here = ip_address(peer or "").is_loopback
    except ValueError:
        return False
    return from_here and _name(host) in LOCAL_NAMES and not is_forwarded(header_names)


def _name(host: str) -> str:
    """A host without its port.

    >>> _name("127.0.0.1:8000"), _name("[::1]:8000"), _name("localhost")
    ('127.0.0.1', '::1', 'localhost')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
