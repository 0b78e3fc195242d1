"""How long a publish has been waiting."""

import pytest

from shared.errors import PublishFailed
from shared.messaging.confirms import Confirms


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def confirms(clock: Clock) -> Confirms:
    return Confirms(clock)


def test_nothing_waits_where_all_is_confirmed(confirms: Confirms, clock: Clock) -> None:
    assert confirms.oldest() == 0
    with confirms.under_way():
        clock.now += 2
        assert confirms.oldest() == 2
    clock.now += 5
    assert confirms.oldest() == 0


def fail(confirms: Confirms, clock: Clock) -> None:
    with confirms.under_way():
        clock.now += 5
        raise PublishFailed("not confirmed")


def test_repetitions_of_what_failed_count_on(confirms: Confirms, clock: Clock) -> None:
    for _ in range(3):
        with pytest.raises(PublishFailed):
            fail(confirms, clock)
    assert confirms.oldest() == 15
    with confirms.under_way():
        clock.now += 1
    assert confirms.oldest() == 0


def test_a_confirmation_leaves_the_oldest_that_is_still_under_way(
    confirms: Confirms, clock: Clock
) -> None:
    first, second = confirms.under_way(), confirms.under_way()
    first.__enter__()
    clock.now += 3
    second.__enter__()
    clock.now += 1
    assert confirms.oldest() == 4
    first.__exit__(None, None, None)
    assert confirms.oldest() == 1
    second.__exit__(None, None, None)
    assert confirms.oldest() == 0


def test_what_was_called_off_no_longer_waits(confirms: Confirms, clock: Clock) -> None:
    with pytest.raises(RuntimeError), confirms.under_way():
        raise RuntimeError
    clock.now += 1
    assert confirms.oldest() == 0
