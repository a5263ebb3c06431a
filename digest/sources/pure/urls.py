"""The host and the registrable domain of a URL, and whether an IP address is public.

We connect only to public addresses, because the URLs come from strangers.
"""

from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

# Python 3.11's is_global counts these as public or does not know them. No news site has such an address.
NOT_PUBLIC_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # "this network", RFC 791
            "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
            "192.0.0.0/24",  # protocol assignments, RFC 6890
            "192.88.99.0/24",  # 6to4 relays, RFC 7526
            "224.0.0.0/3",  # multicast, reserved and broadcast
        ),
    )
)
GLOBAL_UNICAST = IPv6Network("2000::/3")  # the only part of IPv6 that IANA has assigned, RFC 4291
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address that is reached
TEREDO = IPv6Network("2001::/32")  # RFC 4380: tunnels to the address that it contains


def is_public_ip(ip: str | IPv4Address | IPv6Address) -> bool:
    """Return whether `ip` is a public unicast address. If it embeds an IPv4 address, that one decides.

    >>> is_public_ip("64:ff9b::7f00:1")
    False
    """
    try:
        address = ip_address(ip.split("%")[0]) if isinstance(ip, str) else ip
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in NOT_PUBLIC_V4)
    embedded = _embedded_ipv4(address)
    if embedded is not None:
        return is_public_ip(embedded)
    return address in GLOBAL_UNICAST and address not in TEREDO and address.is_global


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that packets to `address` reach, for ::ffff:0:0/96, NAT64 and 6to4."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, without its port; "" if it has none.

    >>> host_of("https://News.Example:8443/a")
    'news.example'
    """
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def registrable_domain(url: str) -> str:
    """Return the domain of a URL that one publisher has registered, by the public suffix list; "" without a host.

    >>> registrable_domain("https://feeds.news.example.co.uk/world.xml")
    'example.co.uk'
    """
    host = host_of(url)
    if not host or _is_ip(host):
        return host
    return _suffixes(host).privatesuffix(host) or host


def public_suffix(host: str) -> str:
    """Return the ending of a host below which anybody can register names, by the public suffix list; "" if none.

    >>> public_suffix("www.news.com.co")
    'com.co'
    """
    return "" if _is_ip(host) else _suffixes(host).publicsuffix(host) or ""


def is_public_suffix(domain: str) -> bool:
    """Return whether anybody can register names below `domain`, by the public suffix list.

    >>> is_public_suffix("co.uk")
    True
    """
    return not _is_ip(domain) and _suffixes(domain).privatesuffix(domain) is None


def _suffixes(host: str) -> PublicSuffixList:
    """The list for a host. Loading takes 0.1 s with the rules in ASCII, which few hosts need, and 0.03 s without."""
    return _list(with_ascii="xn--" in host.lower())


@cache
def _list(*, with_ascii: bool) -> PublicSuffixList:
    return PublicSuffixList(accept_encoded_idn=with_ascii)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
