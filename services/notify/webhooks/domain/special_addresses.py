"""Networks that nobody's web server is in, by IANA.

Data, so that every Python refuses the same: `ipaddress.is_global` knows the registries of the day
that Python was made.

From the IANA IPv4 and IPv6 Special-Purpose Address Registries of October 2025 (RFC 6890, with
RFC 9602, 9637 and 9780), what is not marked globally reachable; and from the registries of
multicast (RFC 5771) and of the IPv6 address space, which has `fec0::/10`, all that is not global
unicast.
"""

from ipaddress import IPv4Network, IPv6Network

NOT_PUBLIC_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # "this network"
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # shared: behind a provider's NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: a cloud's metadata
        "172.16.0.0/12",  # private use
        # IETF protocol assignments. Two of them are globally reachable, anycast of PCP and TURN,
        # where no web server is; 192.0.0.192 is a cloud's metadata
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, gone
        "192.168.0.0/16",  # private use
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
    )
)

GLOBAL_UNICAST_IPV6 = IPv6Network("2000::/3")
"""All that IANA has given out. Outside are loopback, link-local, site-local (`fec0::/10`), unique
local, SRv6 (`5f00::/16`), discard, local NAT64 (`64:ff9b:1::/48`), IPv4-compatible, multicast."""

NOT_PUBLIC_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        # IETF protocol assignments: Teredo, benchmarks, ORCHID; what is globally reachable of it,
        # anycast of protocols and identifiers, has no web server
        "2001::/23",
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address, reached through whoever relays
        "3fff::/20",  # documentation
    )
)
