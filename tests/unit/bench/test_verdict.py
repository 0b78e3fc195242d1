"""A comparison with a peer that runs badly is invalid, on any machine."""

import pytest

from bench.compared.verdict import CELERY, DRAMATIQ, FASTSTREAM, KNOWN, PROJECT, RAW, unfair


@pytest.mark.parametrize("speed", [0.25, 1.0, 4.0])
def test_run_is_fair_when_all_are_as_fast_as_the_machine(speed: float) -> None:
    assert unfair({name: known * speed for name, known in KNOWN.items()}) == []


def test_run_is_fair_when_a_peer_does_better_than_it_was_known_to() -> None:
    assert unfair({**KNOWN, DRAMATIQ: KNOWN[DRAMATIQ] * 3}) == []


@pytest.mark.parametrize("slow", [CELERY, RAW, PROJECT])
def test_run_is_invalid_when_one_is_slower_than_the_others_say(slow: str) -> None:
    said = unfair({**KNOWN, slow: KNOWN[slow] * 0.7})
    assert [sentence.startswith(slow) for sentence in said] == [True]


def test_run_is_fair_when_nothing_in_it_is_known() -> None:
    assert unfair({"ours": 3.0, FASTSTREAM: 1.0}) == []
