"""Who comes without a key, or with a wrong one."""

import pytest

from shared.limits.buckets import Rate, TooMany
from shared.limits.callers import SPARE, CallerLimits
from shared.limits.sources import source_of


def count(limits: CallerLimits, host: str, asked: int) -> int:
    """How many of so many are let through."""
    through = 0
    for _ in range(asked):
        try:
            limits.take_anonymous(host)
        except TooMany:
            continue
        through += 1
    return through


def test_others_have_their_own_when_one_source_asks_without_end() -> None:
    limits = CallerLimits.of(None, Rate(0.001, 10))
    assert count(limits, "192.0.2.1", 1000) == 10 + 10 * SPARE
    assert count(limits, "192.0.2.2", 1000) == 10


def test_many_behind_one_address_get_what_is_spare_when_others_need_none() -> None:
    limits = CallerLimits.of(None, Rate(0.001, 10))
    assert count(limits, "192.0.2.1", 100) == 100


def test_wrong_keys_are_counted_by_source_when_there_are_many() -> None:
    limits = CallerLimits.of(Rate(0.001, 5), None)
    for _ in range(5):
        limits.take_wrong_key("2001:db8::1")
    with pytest.raises(TooMany):
        limits.take_wrong_key("2001:db8::2")
    limits.take_wrong_key("2001:db8:0:1::1")


@pytest.mark.parametrize("host", [None, "", "testclient", "300.1.1.1"])
def test_source_is_one_for_all_when_it_is_no_address(host: str | None) -> None:
    assert source_of(host) == "unknown"
