"""A comparison with a peer that runs badly is invalid, on any machine."""

import pytest

from bench.compared.verdict import (
    CELERY,
    COSTS,
    DRAMATIQ,
    FASTSTREAM,
    PROJECT,
    RATES,
    RAW,
    TASKIQ,
    unfair,
)


@pytest.mark.parametrize("speed", [0.25, 1.0, 4.0])
def test_run_is_fair_when_all_are_as_fast_as_the_machine(speed: float) -> None:
    rates = {name: known * speed for name, known in RATES.items()}
    costs = {name: known / speed for name, known in COSTS.items()}
    assert unfair(rates, costs) == []


def test_run_is_fair_when_a_peer_does_better_than_it_was_known_to() -> None:
    better = {**RATES, DRAMATIQ: RATES[DRAMATIQ] * 3}
    assert unfair(better, {**COSTS, DRAMATIQ: COSTS[DRAMATIQ] / 2}) == []


@pytest.mark.parametrize("slow", [CELERY, DRAMATIQ, TASKIQ])
def test_run_is_invalid_when_a_peer_is_slow_beside_the_sketch(slow: str) -> None:
    said = unfair({**RATES, slow: RATES[slow] * 0.7}, COSTS)
    assert [sentence.startswith(slow) for sentence in said] == [True]


@pytest.mark.parametrize("costly", [CELERY, TASKIQ, RAW, PROJECT])
def test_run_is_invalid_when_one_costs_more_beside_the_others(costly: str) -> None:
    said = unfair(RATES, {**COSTS, costly: COSTS[costly] * 1.4})
    assert [sentence.startswith(costly) for sentence in said] == [True]


def test_run_is_fair_when_nothing_in_it_is_known() -> None:
    assert unfair({"ours": 3.0, FASTSTREAM: 1.0}, {"ours": 30.0}) == []
