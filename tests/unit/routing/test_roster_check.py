"""Which rosters are refused, and how they say why."""

from datetime import date, timedelta

import pytest

from services.routing.domain.roster import Leave, Officer, Roster, Satgas
from services.routing.domain.roster_check import check_roster

TODAY = date(2026, 11, 24)
CURRENT = Satgas("64.02.06", "Satgas Tenggarong", (Officer("a"), Officer("b")), load={"b": 2})
A, B = CURRENT.officers


def days(first: int, last: int) -> Leave:
    return Leave(TODAY + timedelta(days=first), TODAY + timedelta(days=last))


def faults(roster: Roster, *, accept_nobody: bool = False) -> list[tuple[str, str]]:
    found = check_roster(CURRENT, roster, TODAY, accept_nobody=accept_nobody)
    return [(fault.pointer, fault.code) for fault in found]


def test_a_sound_roster_has_no_faults() -> None:
    away = (days(-9, -5), days(0, 1), days(2, 2))
    sound = Roster((Officer("a", ("KEU", "PBJ-DESA"), 1, True, away), B), "a", "camat")
    assert faults(sound) == []


@pytest.mark.parametrize(
    ("roster", "fault"),
    [
        (Roster((A, B, A)), ("/officers/2/code", "duplicate_officer")),
        (Roster((A, B), coordinator="c"), ("/coordinator", "unknown_officer")),
        (Roster((A, B), camat="a"), ("/camat", "camat_is_officer")),
        (Roster((A, Officer("b", ("KEU", "XX")))), ("/officers/1/topics/1", "unknown_code")),
        (Roster((A, Officer("b", capacity=0))), ("/officers/1/capacity", "greater_than_equal")),
        (Roster((A, Officer("b", leave=(days(1, 0),)))), ("/officers/1/leave/0", "range_inverted")),
        (
            Roster((A, Officer("b", leave=(days(1, 3), days(5, 5), days(3, 4))))),
            ("/officers/1/leave/2", "leave_overlaps"),
        ),
        (Roster((A,)), ("/officers", "has_open_cases")),
    ],
)
def test_each_fault_says_where_it_is(roster: Roster, fault: tuple[str, str]) -> None:
    assert faults(roster) == [fault]
    assert faults(roster, accept_nobody=True) == [fault]


def test_who_has_open_cases_is_named_with_the_way_out() -> None:
    (fault,) = check_roster(CURRENT, Roster((A,)), TODAY)
    assert fault.detail.en == "b has 2 open cases: mark him unavailable and transfer them first"


def test_a_roster_without_officers_is_refused_whatever_is_accepted() -> None:
    fault = ("/officers", "no_officers")
    assert fault in faults(Roster(()))
    assert fault in faults(Roster(()), accept_nobody=True)


@pytest.mark.parametrize(
    ("officers", "first"),
    [
        ([Officer("a", available=False), Officer("b", available=False)], 0),
        ([Officer("a", leave=(days(-3, 0),)), Officer("b", leave=(days(-1, 5),))], 0),
        ([Officer("a", leave=(days(3, 9),)), Officer("b", leave=(days(1, 2), days(5, 6)))], 5),
        ([Officer("a", available=False), Officer("b", leave=(days(7, 8),))], 7),
    ],
)
def test_a_day_without_anybody_is_named_and_refused_unless_accepted(
    officers: list[Officer], first: int
) -> None:
    (fault,) = check_roster(CURRENT, Roster(tuple(officers)), TODAY)
    assert (fault.pointer, fault.code) == ("/officers", "nobody_left")
    assert str(TODAY + timedelta(days=first)) in fault.detail.en
    assert faults(Roster(tuple(officers)), accept_nobody=True) == []


def test_what_is_over_is_no_reason() -> None:
    over = [Officer("a", leave=(days(-9, -2),)), Officer("b", leave=(days(-5, -1),))]
    assert faults(Roster(tuple(over))) == []
