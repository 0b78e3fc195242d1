"""Buckets of one process, and of several that tell each other what was taken."""

from collections import defaultdict
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.limits.buckets import IDLE_SECONDS, TOLD_FROM, Buckets, Rate, TooMany

RATES = st.builds(Rate, st.floats(0.1, 200), st.integers(1, 300))


class Now:
    def __init__(self) -> None:
        self.at = 1_000_000.0

    def __call__(self) -> float:
        return self.at


def takes(buckets: Buckets, key: str = "a") -> bool:
    try:
        buckets.take(key)
    except TooMany:
        return False
    return True


@given(RATES, st.lists(st.floats(0, 30), max_size=200))
def test_bucket_never_gives_more_than_its_rate_when_it_is_asked_at_any_times(
    rate: Rate, pauses: list[float]
) -> None:
    clock = Now()
    buckets = Buckets("any", rate, clock)
    start, taken = clock.at, 0
    for pause in pauses:
        clock.at += pause
        taken += takes(buckets)
        assert taken <= rate.burst + rate.per_second * (clock.at - start) + 1e-3


@given(RATES)
def test_bucket_gives_all_that_it_holds_when_it_is_asked_at_once(rate: Rate) -> None:
    buckets = Buckets("any", rate, Now())
    assert sum(takes(buckets) for _ in range(rate.burst + 5)) == rate.burst


@given(RATES)
def test_bucket_gives_what_was_given_back_when_it_was_empty(rate: Rate) -> None:
    buckets = Buckets("any", rate, Now())
    for _ in range(rate.burst):
        buckets.take("a")
    buckets.give_back("a")
    buckets.give_back("b")
    assert [takes(buckets), takes(buckets)] == [True, False]
    assert buckets.untold() == {"a": float(rate.burst)}


@given(RATES)
def test_bucket_gives_again_when_its_wait_is_over_and_not_before(rate: Rate) -> None:
    clock = Now()
    buckets = Buckets("any", rate, clock)
    for _ in range(rate.burst):
        buckets.take("a")
    with pytest.raises(TooMany) as refused:
        buckets.take("a")
    clock.at += refused.value.wait * 0.9
    assert not takes(buckets)
    clock.at += refused.value.wait * 0.1 + 1e-5
    assert takes(buckets)


def test_bucket_is_of_one_key_when_another_is_empty() -> None:
    buckets = Buckets("any", Rate(1, 1), Now())
    assert [takes(buckets, key) for key in "aabb"] == [True, False, True, False]


def test_buckets_give_for_ever_when_there_is_no_limit() -> None:
    buckets = Buckets("any", None)
    assert all(takes(buckets) for _ in range(10_000))
    assert len(buckets) == 0


def test_the_emptiest_are_kept_when_there_are_too_many() -> None:
    clock = Now()
    buckets = Buckets("any", Rate(1, 5), clock, most=100)
    for _ in range(5):
        buckets.take("busy")
    for number in range(1000):
        buckets.take(str(number))
    assert len(buckets) <= 100
    assert not takes(buckets, "busy")


def test_bucket_is_forgotten_when_it_was_full_for_long() -> None:
    clock = Now()
    buckets = Buckets("any", Rate(1, 5), clock)
    buckets.take("old")
    clock.at += IDLE_SECONDS
    buckets.take("new")
    buckets.forget()
    assert len(buckets) == 2
    clock.at += 2
    buckets.forget()
    assert len(buckets) == 1


def test_headers_are_those_of_the_draft_when_the_bucket_is_empty() -> None:
    clock = Now()
    buckets = Buckets("posts-by-key", Rate(0.5, 3), clock)
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(TooMany) as refused:
        buckets.take("a")
    assert refused.value.headers == {
        "Retry-After": "2",
        "RateLimit-Policy": '"posts-by-key";q=3;w=6',
        "RateLimit": '"posts-by-key";r=0;t=2',
    }


@pytest.mark.parametrize(
    "text", ["", "100", "0/10", "1/0", "-1/5", "nan/5", "inf/5", "1/2.5", "x/y"]
)
def test_rate_is_refused_when_it_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="per second"):
        Rate.parse(text)


def test_rate_is_read_when_it_is_written_as_documented() -> None:
    assert Rate.parse("0.5/30") == Rate(0.5, 30)
    assert Rate.parse("off") is None


@dataclass
class Replicas:
    """Some processes, and a store in memory that adds up as `shared/limits/sharing.py` does."""

    rate: Rate
    clock: Now
    of: list[Buckets]
    full_at: dict[str, float]

    def share(self, number: int) -> None:
        for key, taken in self.of[number].untold().items():
            since = max(self.full_at[key], self.clock.at)
            self.full_at[key] = since + taken / self.rate.per_second
            self.of[number].told(key, taken, self.full_at[key] - self.clock.at)


TELLING = 1.0


@given(
    rate=RATES,
    replicas=st.integers(2, 4),
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400), st.booleans()), max_size=120),
)
def test_replicas_give_no_more_than_is_written_down_when_they_share(
    rate: Rate, replicas: int, steps: list[tuple[int, int, bool]]
) -> None:
    """Each step: a replica that is asked so often, and whether time passes; all tell each second,
    at moments of their own."""
    clock = Now()
    place = Replicas(
        rate, clock, [Buckets("any", rate, clock) for _ in range(replicas)], defaultdict(float)
    )
    start, taken = clock.at, 0
    due = [clock.at + TELLING * number / replicas for number in range(replicas)]
    for number, asked, passes in steps:
        taken += sum(takes(place.of[number % replicas]) for _ in range(asked))
        if passes:
            clock.at += 0.25
        for one, at in enumerate(due):
            if at <= clock.at:
                place.share(one)
                due[one] = clock.at + TELLING
        slack = max(1.0, rate.burst * TOLD_FROM) + rate.per_second * (TELLING + 0.25)
        bound = rate.per_second * (clock.at - start) + replicas * (rate.burst + slack)
        assert taken <= bound


def test_replicas_give_the_rate_of_one_when_they_are_asked_for_long() -> None:
    """What was given in excess is waited for."""
    clock, rate = Now(), Rate(50, 100)
    place = Replicas(
        rate, clock, [Buckets("any", rate, clock) for _ in range(2)], defaultdict(float)
    )
    taken = 0
    for step in range(6000):
        taken += sum(takes(one) for one in place.of for _ in range(2))
        clock.at += 0.01
        if step % 100 == 0:
            place.share(0)
        if step % 100 == 50:
            place.share(1)
    assert 0.95 * 50 * 60 <= taken <= 50 * 60 + 2 * (110 + 50)


def test_nothing_is_told_when_little_is_taken() -> None:
    buckets = Buckets("any", Rate(100, 1000), Now())
    for _ in range(99):
        buckets.take("a")
    assert buckets.untold() == {}
    buckets.take("a")
    assert buckets.untold() == {"a": 100}
