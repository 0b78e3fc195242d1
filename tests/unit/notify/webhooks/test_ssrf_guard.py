"""Where webhooks may go: every trick with names and addresses that leads inside."""

import ipaddress
from collections.abc import Sequence

import pytest

from services.notify.webhooks.domain.special_addresses import NOT_PUBLIC_IPV4
from services.notify.webhooks.domain.ssrf_guard import (
    Guard,
    Refused,
    Unresolved,
    is_public,
    parse_networks,
)
from tests.support.services.webhooks import resolves_to

PUBLIC = "93.184.216.34"


async def refused(guard: Guard, url: str) -> str:
    with pytest.raises(Refused) as refusal:
        await guard.endpoint(url)
    return refusal.value.reason


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.9", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0",  # noqa: S104 - refused, not bound to
        "255.255.255.255", "224.0.0.1", "239.1.1.1", "240.0.0.1",
        "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::9",
        "ff02::1", "ff0e::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::",
        "192.0.0.1", "192.0.0.170", "192.0.0.192", "192.0.0.255", "192.88.99.1", "198.51.100.1",
        "203.0.113.9", "fec0::1", "feff::1", "3fff::1", "3fff:fff::1", "5f00::1", "64:ff9b:1::1",
        "100::1", "100:0:0:1::1", "2001::1", "2001:2::1", "2001:10::1", "2001:1ff::1",
        "2002:5db8:d822::", "::5db8:d822", "::ffff:192.0.0.192", "4000::1", "fe00::1",
    ],
)  # fmt: skip
async def test_a_host_with_an_address_inside_is_refused(address: str) -> None:
    for addresses in ([address], [PUBLIC, address], [address, PUBLIC]):
        guard = Guard(resolve=resolves_to(*addresses))
        assert await refused(guard, "https://desa.example/hook") == "address_not_public"
    if "%" not in address:
        literal = f"[{address}]" if ":" in address else address
        assert await refused(Guard(), f"https://{literal}/") == "address_not_public"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://desa.example/", "https:///x", "https://", "//desa.example/", "desa.example",
        "https://user@desa.example/", "https://user:pw@desa.example/", "https://desa.example:0/",
        "https://desa.example:99999/", "https://desa.example:x/", "https://desa.example/#frag",
        "https://desa.example/a b", "https://desa.example/\n", "https://de sa.example/",
        "https://-desa.example/", "https://desa..example/", "https://[::1/",
        "https://[fe80::1%25e]/",
        "https://desa.example\\@127.0.0.1/", "https://désa.example/",
        "https://" + "a" * 64 + ".id/",
    ],
)  # fmt: skip
async def test_what_is_no_url_to_post_to_is_refused(url: str) -> None:
    assert await refused(Guard(resolve=resolves_to(PUBLIC)), url) == "bad_url"


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
async def test_other_spellings_of_addresses_are_resolved_and_checked(host: str) -> None:
    """By the system's resolver, which reads them as the socket would."""
    try:
        reason = await refused(Guard(), f"https://{host}/")
    except Unresolved:
        pytest.fail(f"{host} is an address to the system")
    assert reason == "address_not_public"


async def test_a_public_host_is_called_at_the_addresses_that_were_checked() -> None:
    guard = Guard(resolve=resolves_to(PUBLIC, "2606:2800:220:1::1"))
    found = await guard.endpoint("https://Desa.example:8443/a/b?c=%20d")
    assert (found.scheme, found.host, found.port) == ("https", "desa.example", 8443)
    assert (found.target, found.authority) == ("/a/b?c=%20d", "desa.example:8443")
    assert found.addresses == (PUBLIC, "2606:2800:220:1::1")
    plain = await guard.endpoint("https://desa.example")
    assert (plain.port, plain.target, plain.authority) == (443, "/", "desa.example")
    literal = await guard.endpoint("https://[2606:2800:220:1::1]/")
    assert (literal.authority, literal.addresses) == (
        "[2606:2800:220:1::1]",
        ("2606:2800:220:1::1",),
    )


async def test_the_name_is_looked_up_anew_each_time() -> None:
    answers = [[PUBLIC], ["10.0.0.1"]]

    async def resolve(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    guard = Guard(resolve=resolve)
    assert (await guard.endpoint("https://desa.example/")).addresses == (PUBLIC,)
    assert await refused(guard, "https://desa.example/") == "address_not_public"


async def test_a_host_without_an_address_may_get_one() -> None:
    with pytest.raises(Unresolved):
        await Guard(resolve=resolves_to()).endpoint("https://desa.example/")


async def test_plain_http_is_only_for_networks_that_are_allowed() -> None:
    assert await refused(Guard(resolve=resolves_to(PUBLIC)), "http://desa.example/") == (
        "https_required"
    )
    allowing = Guard(parse_networks("10.1.0.0/16, fd00::/8"), resolves_to("10.1.2.3"))
    for scheme in ("http", "https"):
        assert (await allowing.endpoint(f"{scheme}://desa.example/")).addresses == ("10.1.2.3",)
    for mapped in ("::ffff:10.1.2.3", "fd00::1"):
        await Guard(parse_networks("10.1.0.0/16,fd00::/8"), resolves_to(mapped)).endpoint(
            "http://desa.example/"
        )
    elsewhere = Guard(parse_networks("10.1.0.0/16"), resolves_to(PUBLIC))
    assert await refused(elsewhere, "http://desa.example/") == "https_required"
    assert (await elsewhere.endpoint("https://desa.example/")).addresses == (PUBLIC,)
    near = Guard(parse_networks("10.1.0.0/16"), resolves_to("10.1.0.1", "10.2.0.1"))
    assert await refused(near, "https://desa.example/") == "address_not_public"


def test_networks_are_read_strictly() -> None:
    assert parse_networks("") == ()
    assert parse_networks("10.0.0.0/8,") == (ipaddress.ip_network("10.0.0.0/8"),)
    for wrong in ("10.0.0.1/8", "desa", "10.0.0.0/33"):
        with pytest.raises(ValueError, match=r"."):
            parse_networks(wrong)


def test_what_is_beside_a_network_that_is_not_public_is_public() -> None:
    for network in NOT_PUBLIC_IPV4:
        for beside in (int(network.network_address) - 1, int(network.broadcast_address) + 1):
            if 0 <= beside < 2**32 and not any(
                ipaddress.IPv4Address(beside) in other for other in NOT_PUBLIC_IPV4
            ):
                assert is_public(ipaddress.IPv4Address(beside))
    for text in ("2001:200::1", "2001:db7::1", "2001:db9::1", "2003::1", "3fff:1000::1", "2000::1"):
        assert is_public(ipaddress.ip_address(text))


def test_multicast_is_not_public_although_some_of_it_is_global() -> None:
    assert ipaddress.ip_address("224.0.0.1").is_global
    assert not is_public(ipaddress.ip_address("224.0.0.1"))
    assert is_public(ipaddress.ip_address(PUBLIC))
