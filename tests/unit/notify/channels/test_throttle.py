import asyncio
import logging
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.base import HELD_BACK, NotSent, Order
from services.notify.channels.throttle import Breaker, Bucket, ThrottledSender
from tests.support.fakes import FakeChannel
from tests.support.orders import an_order, refused

DOWN = NotSent("timeout", permanent=False)


class Time:
    """Seconds that pass only by the test, or by what is slept."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Scene:
    def __init__(self, *failures: Exception, rate: float = 1000, patience: float = 5.0) -> None:
        self.time = Time()
        self.channel = FakeChannel(*failures)
        self.paced = ThrottledSender(
            self.channel,
            rate=rate,
            patience=patience,
            breaker=Breaker(failures=3, pause=30),
            clock=self.time,
            sleep=self.time.sleep,
        )

    async def send(self) -> str | None:
        return await self.paced.send(an_order("someone"))

    async def codes(self, times: int) -> list[str]:
        return [(await refused(self.paced, an_order("someone"))).reason for _ in range(times)]


def test_a_bucket_gives_a_burst_and_then_its_rate() -> None:
    bucket = Bucket(rate=2, burst=2)
    for _ in range(2):
        assert bucket.wait(0) == 0
        bucket.take(0)
    assert bucket.wait(0) == 0.5
    bucket.take(0)  # on account
    assert bucket.wait(0) == 1.0
    assert bucket.wait(0.75) == 0.25
    assert bucket.wait(1) == 0
    assert Bucket(rate=2, burst=2, level=0, filled_at=100).wait(90) == 0.5  # a clock gone back


@given(
    rate=st.floats(0.1, 100),
    gaps=st.lists(st.floats(0, 5), min_size=1, max_size=50),
)
def test_a_bucket_never_gives_more_than_its_rate(rate: float, gaps: list[float]) -> None:
    bucket, now, given_at = Bucket(rate, burst=max(1.0, rate)), 0.0, []
    for gap in gaps:
        now += gap
        if bucket.wait(now) <= 0:
            bucket.take(now)
            given_at.append(now)
    for i, start in enumerate(given_at):
        for count, end in enumerate(given_at[i:], 1):
            assert count <= bucket.burst + (end - start) * rate + 1e-6


async def test_a_short_wait_for_a_token_is_waited_and_a_long_one_is_refused() -> None:
    scene = Scene(rate=0.5, patience=3)
    await scene.send()
    await scene.send()
    assert scene.time.slept == [2.0]
    scene.time.now -= 2  # as if both had come at once
    failure = await refused(scene.paced, an_order("someone"))
    assert (failure.reason, failure.permanent) == ("rate_limited", False)
    assert failure.retry_after == timedelta(seconds=4)
    assert failure.reason in HELD_BACK
    assert len(scene.channel.taken) == 2


async def test_a_provider_that_is_down_is_left_alone_and_tried_by_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "services")
    scene = Scene(*[DOWN] * 4)
    assert await scene.codes(5) == ["timeout"] * 3 + ["circuit_open"] * 2
    assert (await refused(scene.paced, an_order("x"))).retry_after == timedelta(seconds=30)
    assert scene.paced.capacity() == 0
    scene.time.now += 30
    assert scene.paced.capacity() == 1
    assert await scene.codes(2) == ["timeout", "circuit_open"]  # the try failed: open again
    scene.time.now += 30
    scene.channel.gate.clear()
    scene.channel.entered.clear()
    trying = asyncio.create_task(scene.send())
    await scene.channel.entered.wait()
    assert scene.paced.capacity() == 0
    assert await scene.codes(1) == ["circuit_open"]  # one at a time
    scene.channel.gate.set()
    assert await trying == "provider-1"
    assert await scene.send() == "provider-2"
    assert scene.paced.capacity() > 1
    said = [record.getMessage() for record in caplog.records]
    assert said == ["channel held back", "channel resumed"]
    assert "someone" not in caplog.text


async def test_only_failures_in_a_row_count_and_a_final_no_is_an_answer() -> None:
    no = NotSent("smtp_550", permanent=True)
    scene = Scene(DOWN, DOWN, no, DOWN, DOWN)
    assert await scene.codes(5) == ["timeout", "timeout", "smtp_550", "timeout", "timeout"]
    assert await scene.send()


async def test_a_provider_may_ask_for_a_longer_pause_within_reason() -> None:
    busy = NotSent("rate_limited", permanent=False, retry_after=timedelta(seconds=90))
    scene = Scene(busy, busy, busy)
    await scene.codes(3)
    assert (await refused(scene.paced, an_order("x"))).retry_after == timedelta(seconds=90)
    breaker = Breaker(failures=1)
    breaker.failed(0, asked=86_400)
    assert breaker.wait(0) == 600


async def test_a_cancelled_try_lets_the_next_one_try() -> None:
    scene = Scene(DOWN, DOWN, DOWN)
    await scene.codes(3)
    scene.time.now += 30
    scene.channel.gate.clear()
    scene.channel.entered.clear()
    trying = asyncio.create_task(scene.send())
    await scene.channel.entered.wait()
    trying.cancel()
    assert isinstance((await asyncio.gather(trying, return_exceptions=True))[0], BaseException)
    scene.channel.gate.set()
    assert await scene.send() == "provider-1"


async def test_a_sender_that_forgets_its_timeout_is_cut_off() -> None:
    scene = Scene()
    scene.channel.timeout = 0.01
    scene.channel.gate.clear()
    assert await scene.codes(1) == ["timeout"]
    assert scene.channel.under_way == 0


async def test_a_mistake_of_ours_is_not_taken_for_the_providers() -> None:
    scene = Scene(*[KeyError("x")] * 3)
    for _ in range(3):
        with pytest.raises(KeyError):
            await scene.send()
    assert await scene.send()


async def test_closing_and_names_go_through() -> None:
    scene = Scene()
    assert (scene.paced.channel, scene.paced.timeout) == ("smtp", 15.0)
    await scene.paced.close()
    assert scene.channel.closed
    order: Order = an_order("someone")
    assert order.body is None
