"""What a template may use. Each name is always there; what is not known is none, or empty."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode

from services.notify.domain.message import Facts, Language
from services.notify.messages import vocabulary
from services.notify.messages.formatting import days_taken, one_line, period, working_days, written
from shared.events import Summary
from shared.reference import COMPLAINT


@dataclass(frozen=True, slots=True)
class Variables:
    """One line of text each: no value brings line breaks or control characters along."""

    recipient: str
    """The code of who reads it: `officer`, `coordinator`, …"""
    kind: str
    """`Permintaan informasi`; `Konsultasi` where it is not known."""
    is_complaint: bool
    topic: str | None
    place: str | None
    """`Desa Rapak Lambur, Kecamatan Tenggarong`."""
    about: str | None
    """`Dana Desa (Rapak Lambur, Tenggarong)`, or the part of it that is known."""
    satgas: str | None
    """`Satgas Tenggarong`."""
    level: str | None
    """`koordinator satgas`."""
    step: str | None
    """What the deadline is for: `jawaban pertama`."""
    due: str | None
    """`Rabu, 25 November 2026 pukul 16.00 WITA`."""
    ticket: str | None
    link: str
    note: str
    """For requesters: of a complaint, the pointer to SP4N-LAPOR!; else thanks."""
    count: int
    """How many alike were folded into this one."""
    items: tuple["Variables", ...]
    """Of a digest; each with its own `state`."""
    state: str
    """What is with the case, in a digest: `Lewat batas waktu`."""
    total: int
    """Cases in the digest."""
    totals: tuple[tuple[str, int], ...]
    """The same by `state`, the most first."""
    area: str | None
    """Of a summary, as all that follows: `Kecamatan Tenggarong`."""
    period: str | None
    """`16–22 November 2026`."""
    submitted: int
    answered: int
    closed: int
    backlog: int
    overdue: int
    open_in_all: int
    """Still open, also what was submitted before."""
    open_long: int | None
    """Of those, what has waited for 31 days or more."""
    answer_p50: str | None
    """Until the first answer: `0,8 hari kerja`."""
    answer_p90: str | None
    target: str | None
    """Within which it is due: `5 hari kerja`."""
    lagging: tuple[str, ...]
    """`Tenggarong 3/4`: of four, three are late; the largest share first."""
    lagging_line: str | None

    def named(self) -> dict[str, object]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


NAMES = frozenset(field.name for field in fields(Variables))


def variables(facts: Facts, language: Language, public_url: str) -> Variables:
    """`public_url`: where links start, without a slash at its end."""
    topic = vocabulary.topic_name(facts.topic, language) if facts.topic else None
    states = Counter[str]()
    for item in facts.items:
        states[vocabulary.state_name(item.event, language)] += item.count
    return Variables(
        recipient=facts.recipient_kind,
        kind=one_line(vocabulary.kind_name(facts.kind, language)),
        is_complaint=facts.kind == COMPLAINT,
        topic=_known(topic),
        place=_known(vocabulary.place_name(facts.region) if facts.region else None),
        about=_known(_about(facts, topic)),
        satgas=_known(vocabulary.satgas_name(facts.satgas) if facts.satgas else None),
        level=_known(vocabulary.level_name(facts.level, language) if facts.level else None),
        step=_known(vocabulary.step_name(facts.clock, language) if facts.clock else None),
        due=written(facts.due, language) if facts.due else None,
        ticket=_known(facts.ticket) if facts.recipient_kind == "requester" else None,
        link=_link(facts, language, public_url),
        note=vocabulary.note(facts.kind, language),
        count=facts.count,
        items=tuple(variables(item, language, public_url) for item in facts.items),
        state=one_line(vocabulary.state_name(facts.event, language)),
        total=states.total(),
        totals=tuple((one_line(state), number) for state, number in states.most_common()),
        **_summed_up(facts.summary, language),
    )


def _summed_up(summary: Summary | None, language: Language) -> dict[str, Any]:
    """Those of a summary; without one, zeros and nothing known."""
    if summary is None:
        return {**dict.fromkeys(_COUNTS, 0), **dict.fromkeys(_KNOWN_OF_SUMMARY), "lagging": ()}
    p50, p90, target = summary.answer_p50_s, summary.answer_p90_s, summary.answer_days
    lagging = tuple(
        one_line(f"{vocabulary.region_name(one.kecamatan)} {one.overdue}/{one.submitted}")
        for one in summary.lagging
    )
    return {
        **{name: getattr(summary, name) for name in _COUNTS},
        "open_long": summary.open_long,
        "area": _known(vocabulary.area_name(summary.area)),
        "period": period(summary.first, summary.last, language),
        "answer_p50": None if p50 is None else days_taken(p50, language),
        "answer_p90": None if p90 is None else days_taken(p90, language),
        "target": None if target is None else working_days(str(target), language),
        "lagging": lagging,
        "lagging_line": ", ".join(lagging) or None,
    }


_COUNTS = ("submitted", "answered", "closed", "backlog", "overdue", "open_in_all")
_KNOWN_OF_SUMMARY = (
    "open_long",
    "area",
    "period",
    "answer_p50",
    "answer_p90",
    "target",
    "lagging_line",
)


def shown(values: Mapping[str, object]) -> dict[str, object]:
    """`values` as a form with fixed fields shows them: a dash for what is not known."""
    return {name: "-" if value in (None, "") else value for name, value in values.items()}


def _about(facts: Facts, topic: str | None) -> str | None:
    if facts.region is None:
        return topic
    where = ", ".join(map(vocabulary.region_name, (facts.region.desa, facts.region.kecamatan)))
    return f"{topic} ({where})" if topic else where


def _link(facts: Facts, language: Language, public_url: str) -> str:
    """What its reader can open: intake's pages, which say what to do; numbers are on the dashboard.

    `services/intake/api/pages.py` has the pages.
    """
    if facts.summary is not None:
        return f"{public_url}/?{_dashboard(facts.summary, language)}"
    match facts.recipient_kind:
        case "owner":
            return f"{public_url}/webhook"
        case "requester":
            asked = f"?{urlencode({'tiket': one_line(facts.ticket)})}" if facts.ticket else ""
            return f"{public_url}/lacak{asked}"
    base = f"{public_url}/konsultasi"
    one = facts.consultation if facts.event != "digest" else None
    return f"{base}/{one}" if one else base


def _dashboard(summary: Summary, language: Language) -> str:
    """What the dashboard's address asks for."""
    asked = {"period": "custom", "from": summary.first, "to": summary.last}
    if summary.every == "week":
        asked["kecamatan"] = summary.area
    return urlencode({**asked, "lang": language})


def _known(text: str | None) -> str | None:
    return one_line(text) or None if text else None
