"""Where a case goes, who gets it, and what becomes of it as intake tells."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from services.routing.domain.case import destination
from services.routing.domain.roster import Leave
from shared import reference
from shared.errors import TryLater
from shared.events import (
    CaseAssigned,
    CaseEscalated,
    CaseHeld,
    ConsultationAcknowledged,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationEscalationRequested,
    ConsultationReopened,
    ConsultationTransferRequested,
    ConsultationWithdrawn,
    Region,
)
from shared.times import WITA
from tests.support.builders import CALENDAR, NOON, TENGGARONG, moved, submitted
from tests.support.services.routing import routing

TODAY = date(2026, 11, 24)
HERE = "64.02.06"


@pytest.mark.parametrize(
    "desa", [r for r in reference.regions().values() if r.type in ("desa", "kelurahan")]
)
def test_every_desa_and_kelurahan_belongs_to_the_satgas_of_its_kecamatan(
    desa: reference.Region,
) -> None:
    where = destination(Region(kecamatan=desa.parent, desa=desa.code), "konsultasi", TODAY)
    assert (where.satgas, where.level, where.reason) == (desa.parent, "satgas", None)


def test_an_unknown_region_belongs_to_the_dpmd_desk() -> None:
    unknown = Region(kecamatan="64.02.21", desa="64.02.21.2001")
    where = destination(unknown, "konsultasi", TODAY)
    assert (where.satgas, where.level, where.reason) == ("dpmd", "dpmd", "unknown_region")


def test_a_retired_region_belongs_to_the_dpmd_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    now_retired = reference.Region(
        code="64.02.06.2012", name="x", type="desa", parent="64.02.06",
        valid_from=None, valid_to=date(2026, 1, 1),
    )  # fmt: skip
    known = reference.region
    monkeypatch.setattr(
        reference, "region", lambda code: now_retired if code == now_retired.code else known(code)
    )
    where = destination(TENGGARONG, "konsultasi", TODAY)
    assert (where.satgas, where.reason) == ("dpmd", "retired_region")


async def test_a_complaint_goes_to_the_dpmd_desk_and_not_to_the_kecamatan() -> None:
    here = routing(**{"64_02_06": ("a",), "dpmd": ("d",)})
    case = await here.open(kind="pengaduan")
    assert (case.satgas, case.officer, case.level) == ("dpmd", "d", "dpmd")
    (event,) = here.cases.events
    assert (event.reason.rule, event.reason.code) == ("dpmd_desk", "complaint")


async def test_cases_are_assigned_evenly_and_each_says_why() -> None:
    here = routing(**{"64_02_06": ("a", "b", "c")})
    for _ in range(100):
        await here.open()
    assigned = Counter(case.officer for case in here.cases.kept.values())
    assert max(assigned.values()) - min(assigned.values()) <= 1
    event = here.cases.events[4]
    assert isinstance(event, CaseAssigned)
    assert event.reason.model_dump() == {
        "rule": "territory",
        "code": None,
        "strategy": "round_robin",
        "candidates": ("a", "b", "c"),
        "loads": (2, 1, 1),
        "passed_over": (),
        "fallback": False,
        "turn": 4,
    }


@pytest.mark.parametrize(
    ("kind", "answer_due"),
    [
        ("konsultasi", datetime(2026, 12, 1, 16, tzinfo=WITA)),
        ("permintaan_informasi", datetime(2026, 11, 27, 16, 30, tzinfo=WITA)),
    ],
)
async def test_the_event_says_until_when(kind: str, answer_due: datetime) -> None:
    here = routing(dpmd=("d",))
    await here.open(kind=kind)
    (event,) = here.cases.events
    # Tuesday, 24 November: the next working days are the 25th and so on, open until 16:00 and,
    # on Fridays, until 16:30
    assert event.acknowledge_due == datetime(2026, 11, 25, 16, tzinfo=WITA)
    assert event.answer_due == answer_due
    assert event.resolve_due == datetime(2026, 12, 14, 16, tzinfo=WITA)
    assert (event.policy_version, event.calendar_version) == ("2026-11", CALENDAR.version)


async def test_beyond_the_calendar_a_case_has_an_officer_and_no_deadlines() -> None:
    here = routing(dpmd=("d",))
    here.clock.now = datetime(1970, 1, 1, tzinfo=UTC)
    await here.open()
    (event,) = here.cases.events
    assert (event.officer, event.acknowledge_due, event.policy_version) == ("d", None, None)


async def test_a_second_delivery_makes_no_case_and_takes_no_turn() -> None:
    here = routing(**{"64_02_06": ("a", "b")})
    event = submitted()
    await here.hear(event, event, event)
    assert len(here.cases.kept) == len(here.cases.events) == 1
    assert here.rosters.kept[HERE].turn == 1


async def test_a_crash_before_the_case_is_kept_costs_nobody_a_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = routing(**{"64_02_06": ("a", "b")})
    monkeypatch.setattr(here.rosters, "confirm", lambda *_: None)
    event = submitted()
    await here.hear(event)
    first = here.cases.kept.pop(event.consultation)
    await here.hear(event)
    assert here.cases.kept[event.consultation].officer == first.officer
    assert (await here.open()).officer == "b"
    assert here.rosters.kept[HERE].load_of("a") == 1


@pytest.mark.parametrize(
    "rosters", [{"dpmd": ("d",)}, {"64_02_06": (), "dpmd": ("d",)}], ids=["unknown", "empty"]
)
async def test_where_the_satgas_has_nobody_dpmd_takes_it(
    rosters: dict[str, tuple[str, ...]],
) -> None:
    here = routing(**rosters)
    await here.open()
    (event,) = here.cases.events
    assert (event.officer, event.level) == ("d", "dpmd")
    assert (event.reason.rule, event.reason.code) == ("dpmd_desk", "no_officer")


async def test_where_all_are_away_it_waits_for_them() -> None:
    here = routing(**{"64_02_06": ("a", "b"), "dpmd": ("d",)})
    here.rosters.change(HERE, "a", available=False)
    here.rosters.change(HERE, "b", leave=(Leave(TODAY, TODAY),))
    case = await here.open()
    (event,) = here.cases.events
    assert (event.reason, event.satgas) == ("nobody_available", HERE)
    assert (case.state, case.officer, case.next_timer) == ("held", None, None)


async def test_where_nobody_at_all_is_there_it_is_held_and_says_so() -> None:
    here = routing()
    await here.open()
    await here.open(region=Region(kecamatan="99.99.99", desa="99.99.99.2001"))
    assert [type(event) for event in here.cases.events] == [CaseHeld, CaseHeld]
    assert [event.reason for event in here.cases.events] == ["no_officer", "unknown_region"]
    assert [case.state for case in here.cases.kept.values()] == ["held", "held"]


# What becomes of it


async def test_a_transfer_keeps_clock_and_history_and_moves_the_load() -> None:
    here = routing(**{"64_02_06": ("a",), "64_02_07": ("x", "y")})
    case = await here.open()
    here.clock.now += timedelta(days=1)
    await here.hear(
        moved(
            ConsultationTransferRequested, case.id, 4, here.clock.now,
            to_satgas="64.02.07", to_officer="y", reason="wrong_place",
        )
    )  # fmt: skip
    after = here.case(case)
    assert (after.satgas, after.officer, after.started_at) == ("64.02.07", "y", NOON)
    assert [one.officer for one in after.decisions] == ["a", "y"]
    event = here.cases.events[-1]
    assert (event.reason.rule, event.reason.code) == ("transfer", "wrong_place")
    assert event.answer_due == here.cases.events[0].answer_due
    assert here.rosters.kept[HERE].load_of("a") == 0
    assert here.rosters.kept["64.02.07"].load_of("y") == 1


async def test_who_is_asked_for_in_vain_is_named_as_the_reason() -> None:
    here = routing(**{"64_02_06": ("a",), "64_02_07": ("x",)})
    case = await here.open()
    await here.hear(
        moved(
            ConsultationTransferRequested, case.id, 2, NOON,
            to_satgas="64.02.07", to_officer="nobody-here", reason="expertise",
        )
    )  # fmt: skip
    assert here.case(case).officer == "x"
    assert here.cases.events[-1].reason.code == "unknown_officer"


async def test_of_two_transfers_the_later_one_counts_in_whatever_order_they_arrive() -> None:
    for order in permutations((3, 5)):
        here = routing(**{"64_02_06": ("a",), "64_02_07": ("x",), "64_02_08": ("z",)})
        case = await here.open()
        to = {3: "64.02.07", 5: "64.02.08"}
        for sequence in order:
            await here.hear(
                moved(
                    ConsultationTransferRequested, case.id, sequence, NOON,
                    to_satgas=to[sequence], reason="expertise",
                )
            )  # fmt: skip
        assert here.case(case).officer == "z"
        loads = [one.load_of(one.officers[0].code) for one in here.rosters.kept.values()]
        assert loads == [0, 0, 1]


async def test_an_escalation_takes_it_to_the_desk_and_tells_so_once() -> None:
    here = routing(**{"64_02_06": ("a",), "dpmd": ("d",)})
    case = await here.open()
    asked = moved(ConsultationEscalationRequested, case.id, 2, NOON, reason="beyond_authority")
    await here.hear(asked, asked)
    after = here.case(case)
    assert (after.satgas, after.officer, after.attention) == ("dpmd", "d", "dpmd")
    _, escalated, assigned = here.cases.events
    assert isinstance(escalated, CaseEscalated)
    assert (escalated.from_level, escalated.to_level, escalated.officer, escalated.to) == (
        "officer", "dpmd", "a", "d",
    )  # fmt: skip
    assert escalated.reason == "beyond_authority"
    assert (assigned.reason.rule, assigned.level) == ("escalation", "dpmd")


async def test_what_is_over_is_nobodys_load_and_comes_back_to_whom_it_was_with() -> None:
    here = routing(**{"64_02_06": ("a", "b", "c")})
    await here.open()
    case = await here.open()
    await here.hear(moved(ConsultationClosed, case.id, 4, NOON))
    assert here.case(case).state == "over"
    assert here.case(case).next_timer is None
    assert here.rosters.kept[HERE].load_of("b") == 0
    await here.hear(moved(ConsultationReopened, case.id, 5, NOON))
    after = here.case(case)
    assert (after.state, after.officer, after.decisions[-1].reason.code) == (  # type: ignore[union-attr]
        "assigned", "b", "reopened",
    )  # fmt: skip
    assert here.rosters.kept[HERE].load_of("b") == 1


async def test_facts_may_come_in_any_order_and_again() -> None:
    """All orders of a short life end in one state, with every load given back."""
    ends = set()
    for order in permutations(range(4)):
        here = routing(**{"64_02_06": ("a",)})
        case = await here.open(consultation=uuid4())
        at = [NOON + timedelta(hours=hour) for hour in range(4)]
        life = [
            moved(ConsultationAcknowledged, case.id, 2, at[0]),
            moved(ConsultationAnswered, case.id, 3, at[1]),
            moved(ConsultationReopened, case.id, 4, at[2]),
            moved(ConsultationWithdrawn, case.id, 5, at[3]),
        ]
        for index in order:
            await here.hear(life[index], life[index])
        after = here.case(case)
        ends.add((after.state, after.facts, after.next_timer, here.rosters.kept[HERE].load_of("a")))
    assert len(ends) == 1
    ((state, _, next_timer, load),) = ends
    assert (state, next_timer, load) == ("over", None, 0)


async def test_fact_is_tried_later_when_its_case_is_not_there_yet() -> None:
    with pytest.raises(TryLater):
        await routing().hear(moved(ConsultationClosed, uuid4(), 2, NOON))
