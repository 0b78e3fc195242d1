from collections import Counter
from datetime import UTC, date, datetime

import pytest

from services.routing.domain import destination, next_officer
from services.routing.handlers import Handlers
from shared import reference
from shared.events import CaseAssigned, CaseHeld, Region
from shared.times import WITA
from tests.builders import CALENDAR, NOON, POLICY, TENGGARONG, submitted
from tests.fakes import Clock, FakeCases, FakeRoster

TODAY = date(2026, 11, 24)


def handlers(cases: FakeCases, roster: FakeRoster) -> Handlers:
    return Handlers(cases, roster, POLICY, CALENDAR, Clock(NOON))


@pytest.mark.parametrize(
    "desa", [r for r in reference.regions().values() if r.type in ("desa", "kelurahan")]
)
def test_every_desa_and_kelurahan_belongs_to_the_satgas_of_its_kecamatan(
    desa: reference.Region,
) -> None:
    where = destination(Region(kecamatan=desa.parent, desa=desa.code), TODAY)
    assert (where.satgas, where.level, where.because) == (desa.parent, "satgas", None)


def test_an_unknown_region_belongs_to_the_dpmd_desk() -> None:
    where = destination(Region(kecamatan="64.02.21", desa="64.02.21.2001"), TODAY)
    assert (where.satgas, where.because) == ("dpmd", "unknown_region")


def test_a_retired_region_belongs_to_the_dpmd_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    now_retired = reference.Region(
        code="64.02.06.2012", name="x", type="desa", parent="64.02.06",
        valid_from=None, valid_to=date(2026, 1, 1),
    )  # fmt: skip
    known = reference.region
    monkeypatch.setattr(
        reference, "region", lambda code: now_retired if code == now_retired.code else known(code)
    )
    where = destination(TENGGARONG, TODAY)
    assert (where.satgas, where.because) == ("dpmd", "retired_region")


def test_round_robin_goes_round() -> None:
    assert [next_officer(("a", "b", "c"), turn) for turn in range(5)] == ["a", "b", "c", "a", "b"]
    assert next_officer((), 3) is None


async def test_cases_are_dealt_evenly_and_each_says_why() -> None:
    cases, roster = FakeCases(), FakeRoster(**{"64_02_06": ("a", "b", "c")})
    for _ in range(100):
        await handlers(cases, roster).on_consultation_submitted(submitted())
    dealt = Counter(case.officer for case in cases.kept.values())
    assert max(dealt.values()) - min(dealt.values()) <= 1
    event = cases.events[4]
    assert isinstance(event, CaseAssigned)
    assert event.reason.model_dump() == {
        "rule": "territory",
        "because": None,
        "strategy": "round_robin",
        "candidates": ("a", "b", "c"),
        "turn": 4,
    }


@pytest.mark.parametrize(
    ("kind", "answer_due"),
    [
        ("konsultasi", datetime(2026, 12, 1, 16, tzinfo=WITA)),
        ("permintaan_informasi", datetime(2026, 11, 27, 16, 30, tzinfo=WITA)),
    ],
)
async def test_the_event_and_the_case_say_until_when(kind: str, answer_due: datetime) -> None:
    cases = FakeCases()
    await handlers(cases, FakeRoster(dpmd=("d",))).on_consultation_submitted(submitted(kind=kind))
    (event,), (case,) = cases.events, cases.kept.values()
    # Tuesday, 24 November: the next working days are the 25th and so on, open until 16:00 and,
    # on Fridays, until 16:30
    assert event.acknowledge_due == datetime(2026, 11, 25, 16, tzinfo=WITA)
    assert event.answer_due == answer_due
    assert event.resolve_due == datetime(2026, 12, 14, 16, tzinfo=WITA)
    assert (event.policy_version, event.calendar_version) == ("2026-11", CALENDAR.version)
    for field in ("acknowledge_due", "answer_due", "resolve_due", "calendar_version"):
        assert getattr(case, field) == getattr(event, field)


async def test_beyond_the_calendar_a_case_has_an_officer_and_no_deadlines() -> None:
    cases = FakeCases()
    wrong_clock = Clock(datetime(1970, 1, 1, tzinfo=UTC))
    handlers = Handlers(cases, FakeRoster(dpmd=("d",)), POLICY, CALENDAR, wrong_clock)
    await handlers.on_consultation_submitted(submitted())
    (event,) = cases.events
    assert (event.officer, event.acknowledge_due, event.policy_version) == ("d", None, None)


async def test_a_second_delivery_makes_no_case_and_takes_no_turn() -> None:
    cases, roster = FakeCases(), FakeRoster(**{"64_02_06": ("a", "b")})
    event = submitted()
    for _ in range(3):
        await handlers(cases, roster).on_consultation_submitted(event)
    assert len(cases.kept) == len(cases.events) == 1
    assert roster.turns == {"64.02.06": 1}


@pytest.mark.parametrize(
    "roster", [FakeRoster(dpmd=("d",)), FakeRoster(**{"64_02_06": (), "dpmd": ("d",)})]
)
async def test_where_the_satgas_has_nobody_dpmd_takes_it(roster: FakeRoster) -> None:
    cases = FakeCases()
    await handlers(cases, roster).on_consultation_submitted(submitted())
    (event,) = cases.events
    assert (event.officer, event.level) == ("d", "dpmd")
    assert (event.reason.rule, event.reason.because) == ("dpmd_desk", "no_officer")


async def test_where_nobody_at_all_is_there_it_is_held_and_says_so() -> None:
    cases = FakeCases()
    unknown = submitted(region=Region(kecamatan="99.99.99", desa="99.99.99.2001"))
    await handlers(cases, FakeRoster()).on_consultation_submitted(submitted())
    await handlers(cases, FakeRoster()).on_consultation_submitted(unknown)
    assert [type(event) for event in cases.events] == [CaseHeld, CaseHeld]
    assert [event.because for event in cases.events] == ["no_officer", "unknown_region"]
    assert [case.state for case in cases.kept.values()] == ["held", "held"]
