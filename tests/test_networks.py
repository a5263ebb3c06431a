"""Which addresses are counted as one network."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.networks import UNKNOWN_NETWORK, narrow_network, network_steps, wide_network


@pytest.mark.parametrize(
    ("address", "narrow", "wide"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2002:c000:0207::1", "192.0.2.7/32", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("not an address", UNKNOWN_NETWORK, UNKNOWN_NETWORK),
        ("", UNKNOWN_NETWORK, UNKNOWN_NETWORK),
        (None, UNKNOWN_NETWORK, UNKNOWN_NETWORK),
    ],
)
def test_an_address_has_a_narrow_and_a_wide_network(address: str | None, narrow: str, wide: str) -> None:
    assert network_steps(address) == (narrow, wide)


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_all_addresses_of_one_64_are_one_network(address: IPv6Address, host: int) -> None:
    neighbour = IPv6Address(int(address) >> 64 << 64 | host)
    if address.ipv4_mapped is None and neighbour.ipv4_mapped is None and address.sixtofour is None:
        assert narrow_network(str(address)) == narrow_network(str(neighbour))


@given(st.ip_addresses(v=4))
def test_an_address_is_in_its_networks(address: IPv4Address) -> None:
    for network in network_steps(str(address)):
        assert ip_address(str(address)) in ip_network(network)
    assert wide_network(f"::ffff:{address}") == wide_network(str(address))
