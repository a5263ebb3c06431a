"""Look-ups in the DNS, with a time limit. That there is no record is an answer; that nobody answers is an error.

dnspython is imported at the first look-up, because most processes make none.
"""

from collections.abc import Sequence
from typing import Any

from digest.errors import NewsroomText, UnavailableError

TIME_LIMIT = 5.0  # seconds


def text_records(name: str) -> Sequence[str]:
    """The TXT records of a name, none if it has none. Raises UnavailableError."""
    return [
        "".join(part.decode("ascii", "replace") for part in record.strings)
        for record in _resolve(name, "TXT")
    ]


def addresses(name: str) -> Sequence[str]:
    """The IPv4 and IPv6 addresses of a name. Raises UnavailableError."""
    return [record.to_text() for kind in ("A", "AAAA") for record in _resolve(name, kind)]


def reverse_names(address: str) -> Sequence[str]:
    """The names of an address (PTR). Raises UnavailableError."""
    import dns.reversename

    name = dns.reversename.from_address(address).to_text()
    return [record.to_text().rstrip(".") for record in _resolve(name, "PTR")]


def _resolve(name: str, kind: str) -> Sequence[Any]:
    import dns.exception
    import dns.resolver

    try:
        return list(dns.resolver.resolve(name, kind, lifetime=TIME_LIMIT))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise UnavailableError(
            NewsroomText("%(name)s can't be looked up: %(error)s", name=name, error=error)
        ) from error
