"""The projection: what each event says of its consultation, and the row that follows from it all.

Pure. A consultation is known by the **set** of its facts, each under the id of its event, so that
the order and the number of deliveries change nothing. A row is a fold over that set: first times
are the earliest of their kind, what was decided last is what the highest sequence says.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from shared import reference
from shared.calendar import Calendar, OutsideCalendar
from shared.events import (
    AlertSent,
    AlertSuppressed,
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    ConsultationAcknowledged,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationRated,
    ConsultationRejected,
    ConsultationReopened,
    ConsultationSubmitted,
    ConsultationWithdrawn,
    Event,
)
from shared.times import local_day, milliseconds, moment

Fact = Mapping[str, Any]
"""`{what, sequence, at, …}`: an event's name, its document's version, when (milliseconds since
1970), and what else of it counts."""
Facts = Mapping[str, Fact]
"""Event id → fact."""

LOG = "log"
"""The channel of alerts that reached nobody."""


def fact(event: Event) -> Fact | None:
    """What `event` says of its consultation; None where it changes no row."""
    if type(event) not in PROJECTED:
        return None
    if isinstance(event, AlertSent | AlertSuppressed) and not _is_counted(event):
        return None
    told = {"what": event.name, "sequence": event.sequence, "at": milliseconds(event.time)}
    match event:
        case ConsultationSubmitted():
            told |= {
                "kecamatan": event.region.kecamatan,
                "desa": event.region.desa,
                "topic": event.topic,
                "kind": event.kind,
                "role": event.role,
                "channel": event.channel,
                "sdgs_goal": event.sdgs_goal,
                "vulnerable": event.vulnerable,
                "submitted_at": milliseconds(event.submitted_at),
                "received_at": milliseconds(event.received_at),
            }
        case CaseAssigned():
            told |= {"satgas": event.satgas, "officer": event.officer, "level": event.level}
        case CaseDeadlineMissed():
            told |= {"clock": event.clock, "due": milliseconds(event.due)}
        case ConsultationRated():
            told |= {"rating": event.rating}
        case AlertSent():
            told |= {"to": event.recipient_kind, "by": event.channel}
        case AlertSuppressed():
            told |= {"to": event.recipient_kind, "by": LOG}
    return told


def _is_counted(event: AlertSent | AlertSuppressed) -> bool:
    """Whether it says how an officer or requester was told, or that only the log was."""
    was_written = isinstance(event, AlertSent) or event.reason == "log_only"
    return was_written and event.recipient_kind in ("officer", "requester")


PROJECTED: frozenset[type[Event]] = frozenset(
    {
        ConsultationSubmitted,
        ConsultationAcknowledged,
        ConsultationAnswered,
        ConsultationClosed,
        ConsultationReopened,
        ConsultationWithdrawn,
        ConsultationRejected,
        ConsultationRated,
        CaseAssigned,
        CaseDeadlineMissed,
        CaseEscalated,
        AlertSent,
        AlertSuppressed,
    }
)
"""Events that a row is made of; the others are kept in the log only."""


class Row(NamedTuple):
    """One consultation. `*_at`: when a stage was first reached; `*_ms` and `*_office_ms`: how long
    that took from the receipt, by the clock and while the offices were open. None: not, or not
    known."""

    id: str
    day: str
    """Of submission, in Asia/Makassar."""
    received_day: str
    kecamatan: str
    desa: str
    topic: str
    topic_group: str
    kind: str
    channel: str
    role: str
    sdgs_goal: int | None
    vulnerable: bool | None
    satgas: str | None
    officer: str | None
    level: str | None
    submitted_at: int
    received_at: int
    assigned_at: int | None
    alerted_at: int | None
    """When an officer was first told; the log tells nobody."""
    alerted_by: str | None
    """The channel of that, or `log` where the log alone has a line."""
    requester_alerted_by: str | None
    """The same of who asked."""
    acknowledged_at: int | None
    answered_at: int | None
    closed_at: int | None
    reopened_at: int | None
    withdrawn_at: int | None
    rejected_at: int | None
    escalated_at: int | None
    overdue_at: int | None
    """The first deadline that was missed, however late that was noticed."""
    answer_missed_at: int | None
    resolved_at: int | None
    """The closing, unless it was reopened after that."""
    is_open: bool
    rating: int | None
    assigned_ms: int | None
    assigned_office_ms: int | None
    acknowledged_ms: int | None
    acknowledged_office_ms: int | None
    answered_ms: int | None
    answered_office_ms: int | None
    resolved_ms: int | None
    resolved_office_ms: int | None
    facts: int
    """How many it rests on."""


def partition_key_of(submitted: Fact) -> str:
    """Where a row is counted: `2026-11-24/64.02.06`, its day and kecamatan of submission."""
    return f"{local_day(moment(submitted['submitted_at']))}/{submitted['kecamatan']}"


def received_day(submitted: Fact) -> str:
    """The day on which intake took it in, in Asia/Makassar."""
    return local_day(moment(submitted["received_at"])).isoformat()


_END = ("consultation.closed", "consultation.withdrawn", "consultation.rejected")
_COURSE = (*_END, "consultation.reopened")
_TELLINGS = ("alert.sent", "alert.suppressed")


def fold(id_: str, facts: Facts, calendar: Calendar) -> Row | None:
    """The row of these facts; None while nobody knows where and when it was submitted."""
    ordered = sorted(facts.items(), key=lambda one: (one[1]["sequence"], one[0]))
    by_kind: dict[str, list[Fact]] = {}
    for _, told in ordered:
        by_kind.setdefault(told["what"], []).append(told)
    if "consultation.submitted" not in by_kind:
        return None
    submitted = by_kind["consultation.submitted"][0]
    assigned = by_kind.get("case.assigned", [{}])[-1]
    rated = by_kind.get("consultation.rated", [{}])[-1]
    missed = by_kind.get("case.deadline_missed", [])
    course = [told for _, told in ordered if told["what"] in _COURSE]
    last = course[-1] if course else None
    times = {
        "assigned": _first(by_kind.get("case.assigned", ())),
        "acknowledged": _first(by_kind.get("consultation.acknowledged", ())),
        "answered": _first(by_kind.get("consultation.answered", ())),
        "resolved": last["at"] if last and last["what"] == "consultation.closed" else None,
    }
    received = submitted["received_at"]
    tellings = [told for _, told in ordered if told["what"] in _TELLINGS]
    alerted_at, alerted_by = _first_told(tellings, "officer")
    return Row(
        id=id_,
        day=local_day(moment(submitted["submitted_at"])).isoformat(),
        received_day=received_day(submitted),
        kecamatan=submitted["kecamatan"],
        desa=submitted["desa"],
        topic=submitted["topic"],
        topic_group=topic_group(submitted["topic"]),
        kind=submitted["kind"],
        channel=submitted["channel"],
        role=submitted["role"],
        sdgs_goal=submitted["sdgs_goal"],
        vulnerable=submitted["vulnerable"],
        satgas=assigned.get("satgas"),
        officer=assigned.get("officer"),
        level=assigned.get("level"),
        submitted_at=submitted["submitted_at"],
        received_at=received,
        alerted_at=alerted_at,
        alerted_by=alerted_by,
        requester_alerted_by=_first_told(tellings, "requester")[1],
        closed_at=_first(by_kind.get("consultation.closed", ())),
        reopened_at=_first(by_kind.get("consultation.reopened", ())),
        withdrawn_at=_first(by_kind.get("consultation.withdrawn", ())),
        rejected_at=_first(by_kind.get("consultation.rejected", ())),
        escalated_at=_first(by_kind.get("case.escalated", ())),
        overdue_at=_first(missed, "due"),
        answer_missed_at=_first([one for one in missed if one["clock"] == "answer"], "due"),
        is_open=last is None or last["what"] not in _END,
        rating=rated.get("rating"),
        facts=len(facts),
        **{f"{stage}_at": at for stage, at in times.items()},
        **{f"{stage}_ms": _span(received, at) for stage, at in times.items()},
        **{
            f"{stage}_office_ms": _office_span(received, at, calendar)
            for stage, at in times.items()
        },
    )


def _first(facts: Iterable[Fact], field: str = "at") -> int | None:
    return min((told[field] for told in facts), default=None)


def _first_told(tellings: Iterable[Fact], to: str) -> tuple[int | None, str | None]:
    """When they were first reached, and by which channel; by `log`, never, where only that was."""
    # until 2026-11 only officers' alerts were facts, and did not say by what
    of = [told for told in tellings if told.get("to", "officer") == to]
    real = [told for told in of if told.get("by") != LOG]
    if real:
        first = min(real, key=lambda told: int(told["at"]))
        return first["at"], first.get("by")
    return None, LOG if of else None


def _span(start: int, end: int | None) -> int | None:
    """Clocks of two hosts may differ: never less than nothing."""
    return None if end is None else max(end - start, 0)


def _office_span(start: int, end: int | None, calendar: Calendar) -> int | None:
    if end is None:
        return None
    try:
        span = calendar.office_time_between(moment(start), moment(max(start, end)))
    except OutsideCalendar:
        return None
    return span // timedelta(milliseconds=1)


def topic_group(topic: str) -> str:
    """`KEU` for `KEU-DD`; by its code where the topic is no longer in the list."""
    known = reference.topics().get(topic)
    return known.group if known else topic.partition("-")[0]


def known_until(facts: Facts, recorded: Mapping[str, int], until: int) -> Facts:
    """Those that had been recorded by `until` (milliseconds since 1970)."""
    return {id_: told for id_, told in facts.items() if recorded[id_] <= until}


def reconcile(
    accepted: Mapping[tuple[str, str], int],
    logged: Mapping[tuple[str, str], int],
    reported: Mapping[tuple[str, str], int],
) -> list[dict[str, Any]]:
    """Per day and kecamatan: what intake accepted, of how many an event tells, how many a report
    counts, and what is still missing."""
    return [
        {
            "day": day,
            "kecamatan": kecamatan,
            "accepted": (taken := accepted.get((day, kecamatan), 0)),
            "events": logged.get((day, kecamatan), 0),
            "reported": (told := reported.get((day, kecamatan), 0)),
            "difference": taken - told,
        }
        for day, kecamatan in sorted(accepted.keys() | logged.keys() | reported.keys())
    ]
