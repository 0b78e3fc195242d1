"""The rules of assignment: whose case it is, and why."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.routing.policy import Deadlines
from shared import reference
from shared.events import (
    AssignmentReason,
    CaseAssigned,
    CaseHeld,
    ConsultationSubmitted,
    Region,
)

DPMD = "dpmd"
"""The desk of the regency, which takes what no satgas can."""

Level = Literal["satgas", "dpmd"]
Why = Literal["unknown_region", "retired_region", "no_officer"]


@dataclass(frozen=True, slots=True)
class Satgas:
    """A task force: the officers of one kecamatan, or the DPMD desk. Codes only, no names."""

    code: str
    name: str
    officers: tuple[str, ...]
    turn: int = 0
    """How many cases the round-robin has given out before this one."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a case belongs before anyone asks who is free."""

    satgas: str
    level: Level
    because: Why | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A consultation as routing sees it; its id is the consultation's."""

    id: UUID
    version: int
    state: Literal["assigned", "held"]
    kecamatan: str
    desa: str
    topic: str
    kind: str
    opened_at: datetime
    satgas: str | None = None
    officer: str | None = None
    level: Level | None = None
    reason: AssignmentReason | None = None
    held_because: Why | None = None
    acknowledge_due: datetime | None = None
    answer_due: datetime | None = None
    resolve_due: datetime | None = None
    policy_version: str | None = None
    calendar_version: str | None = None


def destination(region: Region, on: date) -> Destination:
    """The satgas of the kecamatan; the DPMD desk where the region is not one of today's."""
    kecamatan = reference.region(region.kecamatan)
    desa = reference.region(region.desa)
    if kecamatan is None or desa is None or kecamatan.type != "kecamatan":
        return Destination(DPMD, "dpmd", "unknown_region")
    if not (kecamatan.active(on) and desa.active(on)):
        return Destination(DPMD, "dpmd", "retired_region")
    return Destination(kecamatan.code, "satgas")


def next_officer(officers: Sequence[str], turn: int) -> str | None:
    """Round-robin; None where nobody is there."""
    return officers[turn % len(officers)] if officers else None


def assign(
    event: ConsultationSubmitted,
    where: Destination,
    satgas: Satgas | None,
    due: Deadlines | None,
    *,
    event_id: UUID,
    now: datetime,
) -> tuple[Case, CaseAssigned] | None:
    """The case given to the officer whose turn it is; None where `satgas` has nobody."""
    officer = next_officer(satgas.officers, satgas.turn) if satgas else None
    if satgas is None or officer is None:
        return None
    until = asdict(due) if due else {}
    reason = AssignmentReason(
        rule="territory" if where.level == "satgas" else "dpmd_desk",
        because=where.because,
        candidates=satgas.officers,
        turn=satgas.turn,
    )
    case = Case(
        id=event.consultation,
        version=1,
        state="assigned",
        kecamatan=event.region.kecamatan,
        desa=event.region.desa,
        topic=event.topic,
        kind=event.kind,
        opened_at=now,
        satgas=satgas.code,
        officer=officer,
        level=where.level,
        reason=reason,
        **until,
    )
    assigned = CaseAssigned(
        id=event_id,
        consultation=case.id,
        sequence=case.version,
        region=event.region,
        time=now,
        satgas=satgas.code,
        officer=officer,
        level=where.level,
        topic=event.topic,
        kind=event.kind,
        reason=reason,
        **until,
    )
    return case, assigned


def hold(
    event: ConsultationSubmitted, because: Why, *, event_id: UUID, now: datetime
) -> tuple[Case, CaseHeld]:
    """The case while nobody at all can take it."""
    case = Case(
        id=event.consultation,
        version=1,
        state="held",
        kecamatan=event.region.kecamatan,
        desa=event.region.desa,
        topic=event.topic,
        kind=event.kind,
        opened_at=now,
        held_because=because,
    )
    held = CaseHeld(
        id=event_id,
        consultation=case.id,
        sequence=case.version,
        region=event.region,
        time=now,
        because=because,
    )
    return case, held
