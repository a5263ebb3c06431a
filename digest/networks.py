"""Networks: which addresses are counted as one, when failures or requests are limited.

A provider gives a customer a /64 of IPv6 at least (RFC 6177), so a single IPv6 address means nothing. One IPv4 address
is a household or a whole company; a /24 is what somebody with several addresses usually has.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

UNKNOWN_NETWORK = "unknown"  # of a request without an address, as over a Unix socket
NARROW_PREFIX = {4: 32, 6: 64}
WIDE_PREFIX = {4: 24, 6: 48}  # a /48 is the most that one site gets (RFC 6177)


def narrow_network(address: str | None) -> str:
    """The network that one client has: a /64 of IPv6, a /32 of IPv4.

    >>> narrow_network("2001:db8:1:2:3::4"), narrow_network("192.0.2.7"), narrow_network("::ffff:192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7/32', '192.0.2.7/32')
    """
    return _network(address, NARROW_PREFIX)


def wide_network(address: str | None) -> str:
    """The network of a client that has several addresses: a /48 of IPv6, a /24 of IPv4."""
    return _network(address, WIDE_PREFIX)


def network_steps(address: str | None) -> tuple[str, str]:
    """The narrow and the wide network of an address."""
    return narrow_network(address), wide_network(address)


def _network(address: str | None, prefixes: dict[int, int]) -> str:
    parsed = _parse(address or "")
    if parsed is None:
        return UNKNOWN_NETWORK
    return str(ip_network((parsed, prefixes[parsed.version]), strict=False))


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    """The address without its zone; an IPv4 address that is written as an IPv6 one is the IPv4 address."""
    try:
        parsed = ip_address(address.partition("%")[0].strip())
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address):
        return parsed.ipv4_mapped or parsed.sixtofour or parsed
    return parsed
