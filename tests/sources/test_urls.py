"""Only public IP addresses may be reached."""

import pytest

from digest.sources.pure.urls import (
    host_of,
    is_public_ip,
    is_public_suffix,
    public_suffix,
    registrable_domain,
)

PUBLIC = [
    "93.184.216.34",
    "8.8.8.8",
    "100.63.255.255",
    "223.255.255.1",
    "2606:2800:220:1::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]

NOT_PUBLIC = {
    "loopback": "127.0.0.1",
    "private 10": "10.1.2.3",
    "private 172.16": "172.31.255.255",
    "private 192.168": "192.168.0.1",
    "link-local, where clouds keep their metadata": "169.254.169.254",
    "carrier-grade NAT": "100.64.0.1",
    "unspecified": "0.0.0.0",  # noqa: S104 -- an address to refuse, nothing is bound
    "this network": "0.1.2.3",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "documentation": "192.0.2.1",
    "IPv6 outside of what is given out": "4000::1",
    "protocol assignments": "192.0.0.8",
    "more protocol assignments": "192.0.0.5",
    "6to4 relay": "192.88.99.1",
    "benchmarking": "198.18.0.1",
    "IPv6 loopback": "::1",
    "IPv6 unspecified": "::",
    "IPv6 link-local": "fe80::1",
    "IPv6 link-local with a zone": "fe80::1%eth0",
    "IPv6 unique local": "fd00::1",
    "IPv6 site-local": "fec0::1",
    "IPv6 multicast": "ff02::1",
    "IPv6 documentation": "2001:db8::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "IPv4 mapped": "::ffff:127.0.0.1",
    "IPv4 mapped private": "::ffff:a00:1",
    "IPv4 compatible": "::7f00:1",
    "NAT64 of loopback": "64:ff9b::7f00:1",
    "NAT64 of a private address": "64:ff9b::a00:1",
    "local NAT64": "64:ff9b:1::808:808",
    "6to4 of loopback": "2002:7f00:1::",
    "6to4 of link-local": "2002:a9fe:a9fe::1",
    "not an address": "localhost",
    "nothing": "",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_reached(address: str) -> None:
    assert is_public_ip(address)


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC.keys())
def test_addresses_inside_a_network_may_not_be_reached(address: str) -> None:
    assert not is_public_ip(address)


@pytest.mark.parametrize(
    ("host", "ending", "domain"),
    [
        ("www.quay.co.uk", "co.uk", "quay.co.uk"),
        ("www.quay.公司.cn", "公司.cn", "quay.公司.cn"),
        ("www.quay.XN--55QX5D.cn", "xn--55qx5d.cn", "quay.xn--55qx5d.cn"),
        ("xn--kay-hoa.example", "example", "xn--kay-hoa.example"),
    ],
)
def test_the_public_suffix_of_a_host_is_found_in_both_of_its_spellings(
    host: str, ending: str, domain: str
) -> None:
    assert public_suffix(host) == ending
    assert registrable_domain(f"https://{host}/a") == domain
    assert is_public_suffix(ending)


def test_hosts_and_domains_of_addresses() -> None:
    assert host_of("https://News.Example.:8443/a") == "news.example"
    assert host_of("http://[x") == ""
    assert registrable_domain("https://feeds.news.example.co.uk/") == "example.co.uk"
    assert registrable_domain("https://192.0.2.1/a") == "192.0.2.1"
    assert registrable_domain("https://co.uk/") == "co.uk"
    assert registrable_domain("nonsense") == ""
    assert public_suffix("192.0.2.1") == ""
    assert public_suffix("www.quay.com.co") == "com.co"
    assert is_public_suffix("co.uk")
    assert not is_public_suffix("quay.co.uk")
    assert not is_public_suffix("192.0.2.1")
