from datetime import timedelta

import pytest

from shared.errors import InvalidEvent, PublishFailed, StoreUnavailable, TryLater, UnknownEvent
from shared.messaging.retry import DELAYS, Hold, Park, Retry, delay_name, next_step


@pytest.mark.parametrize("attempt", range(1, len(DELAYS) + 1))
def test_an_error_climbs_the_ladder_one_step_an_attempt(attempt: int) -> None:
    assert next_step(TryLater("x"), attempt) == Retry(DELAYS[attempt - 1])
    assert next_step(KeyError("a bug"), attempt) == Retry(DELAYS[attempt - 1])
    assert next_step(PublishFailed("x"), attempt) == Retry(DELAYS[attempt - 1])


def test_after_the_last_step_a_message_is_parked() -> None:
    assert next_step(TryLater("x"), len(DELAYS) + 1) == Park("attempts_exhausted")


def test_what_cannot_heal_is_parked_at_once_with_its_own_reason() -> None:
    assert next_step(UnknownEvent("x"), 1) == Park("unknown_event")
    assert next_step(InvalidEvent("x"), 1) == Park("invalid_event")


def test_a_database_that_is_away_costs_no_attempt() -> None:
    assert next_step(StoreUnavailable("x"), len(DELAYS) + 1) == Hold()


def test_retry_queues_are_named_by_their_delay() -> None:
    assert [delay_name(delay) for delay in DELAYS] == ["5s", "30s", "5m", "30m"]
    assert delay_name(timedelta(seconds=90)) == "90s"
