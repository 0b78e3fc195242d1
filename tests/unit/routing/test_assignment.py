"""Whose turn it is: the rules by example, and what holds under any run of cases."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.assignment import Nobody, Wanted, assign
from services.routing.domain.roster import (
    Choice,
    Leave,
    Officer,
    Roster,
    Satgas,
    confirmed,
    recounted,
    released,
    revised,
)
from shared.events import Strategy

TODAY = date(2026, 11, 24)
STRATEGIES: tuple[Strategy, ...] = ("round_robin", "least_load", "topic_skill")


def satgas(*officers: Officer | str, **changes: Any) -> Satgas:
    there = (Officer(one) if isinstance(one, str) else one for one in officers)
    return Satgas("64.02.06", "Satgas Tenggarong", tuple(there), **changes)


def wanted(key: object, strategy: Strategy = "round_robin", **changes: Any) -> Wanted:
    return Wanted(**{"key": str(key), "topic": "KEU-DD", "strategy": strategy, **changes})


def choose(start: Satgas, *asked: Wanted) -> tuple[Satgas, list[Choice | Nobody]]:
    found = []
    for one in asked:
        start, choice = assign(start, one, TODAY)
        found.append(choice)
    return start, found


def officers_of(choices: list[Choice | Nobody]) -> list[str]:
    return [one.officer if isinstance(one, Choice) else one for one in choices]


def test_round_robin_goes_round_and_says_what_it_saw() -> None:
    after, choices = choose(satgas("a", "b", "c"), *map(wanted, range(5)))
    assert officers_of(choices) == ["a", "b", "c", "a", "b"]
    assert choices[4] == Choice("b", "round_robin", ("a", "b", "c"), (2, 1, 1), (), False, 4)
    assert (after.turn, after.load, after.last) == (5, {"a": 2, "b": 2, "c": 1}, "b")


def test_who_is_away_or_has_enough_is_passed_over_and_the_choice_says_why() -> None:
    away = (Leave(TODAY - timedelta(days=1), TODAY),)
    start = satgas(
        Officer("a", available=False, leave=away, capacity=1),
        Officer("b", leave=away),
        Officer("c", capacity=1),
        "d",
        load={"c": 1},
    )
    _, (choice,) = choose(start, wanted(1))
    assert isinstance(choice, Choice)
    assert choice.officer == "d"
    assert [(one.officer, one.reason) for one in choice.passed_over] == [
        ("a", "unavailable"),
        ("b", "on_leave"),
        ("c", "full"),
    ]


@pytest.mark.parametrize(("days", "there"), [(-1, True), (0, False), (2, False), (3, True)])
def test_both_days_of_a_leave_are_away(days: int, there: bool) -> None:
    officer = Officer("a", leave=(Leave(TODAY, TODAY + timedelta(days=2)),))
    assert (officer.absence(TODAY + timedelta(days=days)) is None) is there


def test_an_empty_roster_is_told_apart_from_one_with_nobody_there() -> None:
    assert choose(satgas(), wanted(1)) == (satgas(), ["no_officer"])
    start = satgas(Officer("a", available=False))
    assert choose(start, wanted(1)) == (start, ["nobody_available"])


def test_least_load_takes_who_has_least_and_equals_take_turns() -> None:
    start = satgas("a", "b", "c", load={"a": 2, "b": 1, "c": 1})
    cases = [wanted(n, "least_load") for n in range(5)]
    assert officers_of(choose(start, *cases)[1]) == ["b", "c", "a", "b", "c"]
    seen = []
    now = satgas("a", "b", "c")
    for case in cases:  # each is closed at once: all loads stay equal
        now, choice = assign(now, case, TODAY)
        assert isinstance(choice, Choice)
        seen.append(choice.officer)
        now = released(now, choice.officer)
    assert seen == ["a", "b", "c", "a", "b"]


@pytest.mark.parametrize("knows", ["KEU", "KEU-DD"])
def test_topic_skill_takes_who_knows_the_topic_or_its_group(knows: str) -> None:
    start = satgas("a", Officer("b", (knows,)), Officer("c", (knows,), capacity=1), load={"b": 1})
    _, choices = choose(start, *(wanted(n, "topic_skill") for n in range(3)))
    assert officers_of(choices) == ["c", "b", "b"]
    assert isinstance(choices[0], Choice)
    assert choices[0].candidates == ("b", "c")


def test_the_only_one_for_a_topic_moves_nobodys_turn_on() -> None:
    now, seen = satgas(Officer("a", ("KEU",), capacity=9), "b", "c", load={"a": 5}), []
    for n in range(4):
        topic = "PBJ-DESA" if n % 2 else "KEU-DD"
        now, choice = assign(now, wanted(n, "topic_skill", topic=topic), TODAY)
        assert isinstance(choice, Choice)
        seen.append(choice.officer)
        now = released(now, choice.officer)
    assert seen == ["a", "b", "a", "c"]


def test_topic_skill_takes_anybody_where_nobody_there_knows_it() -> None:
    start = satgas("a", Officer("b", ("KEU",), available=False), Officer("c", ("KEUX",)))
    _, (choice,) = choose(start, wanted(1, "topic_skill"))
    assert isinstance(choice, Choice)
    assert (choice.officer, choice.candidates) == ("a", ("a", "c"))


def test_who_is_asked_for_gets_it_and_takes_nobodys_turn() -> None:
    cases = [wanted(n, asked_for="c" if n % 2 else None) for n in range(6)]
    after, choices = choose(satgas("a", "b", "c", "d"), *cases)
    assert officers_of(choices) == ["a", "c", "b", "c", "c", "c"]
    assert (after.turn, after.last) == (6, "c")


@pytest.mark.parametrize(
    "cannot", [Officer("c", available=False), Officer("c", capacity=2), Officer("x")]
)
def test_who_is_asked_for_and_cannot_is_not_waited_for(cannot: Officer) -> None:
    _, choices = choose(satgas("a", "b", cannot, load={"c": 2}), wanted(1, asked_for="c"))
    assert officers_of(choices) == ["a"]


def test_the_coordinator_gets_what_nobody_can_take_unless_he_is_away() -> None:
    full = Officer("a", capacity=1)
    start = satgas(full, Officer("b", available=False), coordinator="a", last="b", load={"a": 1})
    after, (choice,) = choose(start, wanted(1))
    assert isinstance(choice, Choice)
    assert (choice.officer, choice.fallback, choice.candidates, choice.loads) == (
        ("a", True, ("a",), (1,))
    )
    assert [one.officer for one in choice.passed_over] == ["b"]
    assert (after.load, after.last) == ({"a": 2}, "b")
    away = satgas(replace(full, available=False), coordinator="a", load={"a": 1})
    assert choose(away, wanted(1)) == (away, ["nobody_available"])
    assert choose(replace(start, coordinator=None), wanted(1))[1] == ["nobody_available"]


def test_a_case_fewer_is_never_fewer_than_none() -> None:
    start = satgas("a", load={"a": 1})
    assert released(start, "a").load == {"a": 0}
    assert released(released(start, "a"), "a").load == {"a": 0}
    assert released(start, "x") is start


def test_reservation_is_forgotten_when_it_is_confirmed() -> None:
    before, first = choose(satgas("a", "b"), wanted("k"), wanted("l"))
    assert confirmed(before, {"x"}) is before
    after = confirmed(before, {"k"})
    assert set(after.reservations) == {"l"}
    assert after.load == before.load
    assert choose(after, wanted("l"))[1] == first[1:]


def test_a_recount_believes_the_cases_and_what_is_on_its_way_to_one() -> None:
    start, _ = choose(satgas("a", "b"), wanted("k"), wanted("l"), wanted("m"))
    start = replace(start, load={"a": 9, "b": 0})
    after = recounted(start, {"k", "gone"}, {"a": 3, "who left": 7})
    assert after.load == {"a": 4, "b": 1}  # m is on its way to a, l to b
    assert set(after.reservations) == {"l", "m"}
    assert recounted(after, (), {"a": 3}) is after


@pytest.mark.parametrize(
    ("last", "staying", "then"),
    [("b", "abcd", "c"), ("b", "acd", "c"), ("c", "ad", "d"), ("a", "bcd", "b"), ("b", "xy", "x")],
)
def test_a_new_roster_goes_on_where_the_turn_was(last: str, staying: str, then: str) -> None:
    start = satgas("a", "b", "c", "d", last=last, last_tied=last, turn=5, edition=3, load={"a": 1})
    after = revised(start, Roster(tuple(map(Officer, staying)), camat="camat"))
    assert (after.edition, after.turn, after.camat) == (4, 5, "camat")
    assert after.load == {code: 1 if code == "a" else 0 for code in staying}
    assert officers_of(choose(after, wanted(1))[1]) == [then]


@given(st.integers(1, 6), st.integers(0, 80), st.sampled_from(STRATEGIES))
def test_a_stable_roster_is_dealt_to_evenly_at_every_moment(
    size: int, cases: int, strategy: Strategy
) -> None:
    now = satgas(*(f"o{n}" for n in range(size)))
    for case in range(cases):
        now, choice = assign(now, wanted(case, strategy), TODAY)
        assert isinstance(choice, Choice)
        assert choice.turn == case
        loads = [now.load_of(one.code) for one in now.officers]
        assert max(loads) - min(loads) <= 1


@given(st.integers(2, 5), st.lists(st.tuples(st.integers(0, 31), st.booleans()), max_size=120))
def test_nobody_who_stays_is_starved_by_people_coming_and_going(
    size: int, days: list[tuple[int, bool]]
) -> None:
    """Whoever is there all the time gets one of as many cases as there are officers."""
    now, waited = satgas(*(f"o{n}" for n in range(size))), Counter[str]()
    for case, (there, is_asked_for) in enumerate(days):
        now = replace(
            now,
            officers=tuple(
                replace(one, available=bool(there >> n & 1)) for n, one in enumerate(now.officers)
            ),
        )
        asked_for = "o0" if is_asked_for else None
        now, choice = assign(now, wanted(case, asked_for=asked_for), TODAY)
        for one in now.officers:
            if not one.available or (isinstance(choice, Choice) and choice.officer == one.code):
                waited[one.code] = 0
            elif not (isinstance(choice, Choice) and choice.officer == asked_for):
                waited[one.code] += 1
            assert waited[one.code] < size


AN_OFFICER = st.builds(
    Officer,
    code=st.just(""),
    topics=st.sampled_from([(), ("KEU",), ("KEU-DD",), ("PBJ",)]),
    capacity=st.none() | st.integers(1, 4),
    available=st.sampled_from([True, True, False]),
    leave=st.sampled_from([(), (), (Leave(TODAY, TODAY),)]),
)
A_STEP = st.tuples(
    st.sampled_from(["assign", "assign", "assign", "release", "confirm"]),
    st.integers(0, 30),
    st.sampled_from(STRATEGIES),
    st.none() | st.integers(0, 4),
)


@given(st.lists(AN_OFFICER, max_size=5), st.booleans(), st.lists(A_STEP, max_size=60))
def test_under_any_run_of_cases(
    officers: list[Officer], has_coordinator: bool, steps: list[tuple[str, int, Strategy, Any]]
) -> None:
    """Nobody absent or full is assigned a case, a key is one case, and the loads add up."""
    now = satgas(*(replace(one, code=f"o{n}") for n, one in enumerate(officers)))
    if has_coordinator and officers:
        now = replace(now, coordinator="o0")
    by_code = {one.code: one for one in now.officers}
    opened = turn = 0
    for step, number, strategy, asked_for in steps:
        before = now
        if step == "release":
            now = released(now, f"o{number % 5}")
            opened -= before.load_of(f"o{number % 5}") > 0
        elif step == "confirm":
            now = confirmed(now, {str(number)})
        else:
            ask = wanted(number, strategy, asked_for=asked_for and f"o{asked_for}")
            now, choice = assign(now, ask, TODAY)
            if not isinstance(choice, Choice) or ask.key in before.reservations:
                assert now is before
                assert not isinstance(choice, Choice) or choice == before.reservations[ask.key]
            else:
                officer = by_code[choice.officer]
                assert officer.absence(TODAY) is None
                assert choice.fallback or (now.load_of(officer.code) <= (officer.capacity or 99))
                assert not choice.fallback or officer.code == now.coordinator
                assert choice.officer in choice.candidates
                assert not {one.officer for one in choice.passed_over} & set(choice.candidates)
                opened, turn = opened + 1, turn + 1
        assert sum(now.load.values()) == opened
        assert now.turn == turn
