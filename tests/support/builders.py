"""Test data: a valid post, and events."""

from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from services.routing.data.calendar import load_calendar, load_local, load_policy
from shared.events import (
    AssignmentReason,
    CaseAssigned,
    ConsultationMoved,
    ConsultationSubmitted,
    Region,
)

Moved = TypeVar("Moved", bound=ConsultationMoved)

TENGGARONG = Region(kecamatan="64.02.06", desa="64.02.06.2012")
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in Asia/Makassar
CALENDAR, _ = load_calendar()
POLICY = load_policy()
LOCAL = load_local()


def a_post(**changes: Any) -> dict[str, Any]:
    """A body that `POST /v1/consultations` takes."""
    return {
        "title": "Perubahan APBDes",
        "body": "Apakah perlu Perdes perubahan?",
        "topic": "KEU-APBDES",
        "desa_code": TENGGARONG.desa,
        "requester": {"role": "kepala_desa"},
        **changes,
    }


def submitted(**changes: Any) -> ConsultationSubmitted:
    values: dict[str, Any] = {
        "id": uuid4(),
        "consultation": uuid4(),
        "sequence": 1,
        "region": TENGGARONG,
        "time": NOON,
        "topic": "KEU-DD",
        "kind": "konsultasi",
        "role": "bpd",
        "channel": "web",
        "submitted_at": NOON,
        "received_at": NOON,
    }
    return ConsultationSubmitted(**values | changes)


def assigned(consultation: UUID | None = None, **changes: Any) -> CaseAssigned:
    values: dict[str, Any] = {
        "id": uuid4(),
        "consultation": consultation or uuid4(),
        "sequence": 1,
        "region": TENGGARONG,
        "time": NOON,
        "satgas": "64.02.06",
        "officer": "petugas-64.02.06-1",
        "level": "satgas",
        "topic": "KEU-DD",
        "kind": "konsultasi",
        "reason": AssignmentReason(rule="territory", candidates=("petugas-64.02.06-1",), turn=0),
    }
    return CaseAssigned(**values | changes)


def moved(cls: type[Moved], consultation: UUID, sequence: int, at: datetime, **more: Any) -> Moved:
    """What an officer or a requester did, such as `ConsultationAnswered`."""
    values: dict[str, Any] = {
        "id": uuid4(),
        "consultation": consultation,
        "sequence": sequence,
        "region": TENGGARONG,
        "time": at,
        "actor_role": "officer",
    }
    return cls(**values | more)
