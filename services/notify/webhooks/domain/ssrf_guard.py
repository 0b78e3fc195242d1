"""Which addresses a webhook may go to: public ones, by https, and what the settings allow besides.

Whoever makes a subscription decides where this server connects to. So the host is resolved at each
attempt, every address of it is checked, and the connection goes to the very address that was
checked: a name that changes in between leads nowhere else.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

from services.notify.webhooks.domain.special_addresses import (
    GLOBAL_UNICAST_IPV6,
    NOT_PUBLIC_IPV4,
    NOT_PUBLIC_IPV6,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port → addresses. Raises OSError where there are none."""

NOT_PUBLIC = "address_not_public"
NEEDS_HTTPS = "https_required"
BAD_URL = "bad_url"
UNRESOLVED = "unresolved"

#: Seconds for a name to be resolved.
RESOLVE_AT_MOST = 3.0
#: IPv6 that stands for an IPv4 address, which a gateway would connect to (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_\-]{1,63}(?<!-)")


class Refused(Exception):
    """This is not called, and trying again cannot help. Its text is the code alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unresolved(Exception):
    """The host has no address now."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL taken apart, and the addresses of its host that may be called."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query."""
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        """For the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


async def system_resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Guard:
    def __init__(self, allow: Sequence[Network] = (), resolve: Resolve = system_resolve) -> None:
        """`allow`: networks that are called though they are not public, and without TLS."""
        self._allow = tuple(allow)
        self._resolve = resolve

    async def endpoint(self, url: str) -> Endpoint:
        """Where `url` leads now. Raises `Refused` or `Unresolved`."""
        parts, host, port = _parts(url)
        if parts.scheme == "http" and not self._allow:
            raise Refused(NEEDS_HTTPS)
        addresses = [_address(one) for one in await self._addresses(host, port)]
        if not addresses:
            raise Unresolved
        if not all(self._may_be_called(one) for one in addresses):
            raise Refused(NOT_PUBLIC)
        if parts.scheme == "http" and not all(self._is_allowed(one) for one in addresses):
            raise Refused(NEEDS_HTTPS)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Endpoint(parts.scheme, host, port, target, tuple(map(str, addresses)))

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            pass
        try:
            async with asyncio.timeout(RESOLVE_AT_MOST):
                return await self._resolve(host, port)
        except (OSError, UnicodeError):  # TimeoutError is an OSError
            raise Unresolved from None

    def _may_be_called(self, address: Address) -> bool:
        return self._is_allowed(address) or is_public(_meant(address))

    def _is_allowed(self, address: Address) -> bool:
        meant = _meant(address)
        return any(meant in network or address in network for network in self._allow)


def is_public(address: Address) -> bool:
    """Reachable by everybody alike."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_IPV4)
    return address in GLOBAL_UNICAST_IPV6 and not any(
        address in network for network in NOT_PUBLIC_IPV6
    )


def parse_networks(text: str) -> tuple[Network, ...]:
    """From `10.0.0.0/8, fd00::/8`; raises ValueError."""
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


def _meant(address: Address) -> Address:
    """Where the address leads: to the IPv4 one that is written into it, if one is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _address(text: str) -> Address:
    """Without the zone that `fe80::1%eth0` has: no public address has one."""
    return ipaddress.ip_address(text.partition("%")[0])


def _parts(url: str) -> tuple[SplitResult, str, int]:
    """Taken apart, with host and port. Raises `Refused`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused(BAD_URL) from None
    host = parts.hostname or ""
    plain = url.isascii() and url.isprintable() and " " not in url and not parts.fragment
    known = parts.scheme in ("http", "https") and parts.username is None and port != 0
    if not plain or not known or not _is_host(host):
        raise Refused(BAD_URL)
    return parts, host, port or {"https": 443, "http": 80}[parts.scheme]


def _is_host(host: str) -> bool:
    """A name or an address. `0x7f.1` and `2130706433` are read as addresses by some resolvers, and
    are resolved and checked like names."""
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return False
        return "%" not in host
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(_LABEL.fullmatch(one) for one in labels)
