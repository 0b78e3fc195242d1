"""What a client without a key is counted by. Pure."""

import ipaddress


def source_of(host: str | None) -> str:
    """What a client is counted by. Of IPv6 a home has a whole /64."""
    try:
        address = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False))
