"""Doing again what the database did not take."""

import pytest

from shared.errors import Conflict
from shared.storage.retrying import retry_on_conflict


class Contested:
    """Somebody else is quicker so many times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.attempts = 0

    async def attempt(self) -> str:
        self.attempts += 1
        if self.left:
            self.left -= 1
            raise Conflict("changed meanwhile")
        return "saved"


async def test_a_change_is_saved_when_others_were_quicker_a_few_times() -> None:
    contested = Contested(9)
    assert await retry_on_conflict(contested.attempt) == "saved"
    assert contested.attempts == 10


async def test_the_last_conflict_is_raised_when_others_are_always_quicker() -> None:
    contested = Contested(99)
    with pytest.raises(Conflict):
        await retry_on_conflict(contested.attempt, tries=3)
    assert contested.attempts == 3


async def test_another_error_ends_it_when_the_attempt_raises_one() -> None:
    async def attempt() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await retry_on_conflict(attempt)
