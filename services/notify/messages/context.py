"""What a template may use, and how it is written: the times, and the names of codes.

Each name is always there; what is not known is none, or empty. A code that nobody knows is shown as
it is: an alert with a code in it is better than none.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from services.notify.domain.message import Facts, Language, LinkToken
from shared import reference
from shared.events import Region, Summary
from shared.reference import COMPLAINT, seed_officers
from shared.times import local


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
    access: str
    """For requesters: by what the link opens, `dengan nomor tiket dan PIN`; else empty."""
    unsubscribe: str
    """For requesters, by e-mail: where its reader stops them; else empty."""
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
    topic = topic_name(facts.topic, language) if facts.topic else None
    states = Counter[str]()
    for item in facts.items:
        states[state_name(item.event, language)] += item.count
    return Variables(
        recipient=facts.recipient_kind,
        kind=one_line(kind_name(facts.kind, language)),
        is_complaint=facts.kind == COMPLAINT,
        topic=_known(topic),
        place=_known(place_name(facts.region) if facts.region else None),
        about=_known(_about(facts, topic)),
        satgas=_known(satgas_name(facts.satgas) if facts.satgas else None),
        level=_known(level_name(facts.level, language) if facts.level else None),
        step=_known(step_name(facts.clock, language) if facts.clock else None),
        due=written(facts.due, language) if facts.due else None,
        ticket=_known(facts.ticket) if facts.recipient_kind == "requester" else None,
        link=_link(facts, language, public_url),
        access=_access(facts, language),
        unsubscribe=_unsubscribe(facts, language, public_url),
        note=note(facts.kind, language),
        count=facts.count,
        items=tuple(variables(item, language, public_url) for item in facts.items),
        state=one_line(state_name(facts.event, language)),
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
        one_line(f"{region_name(one.kecamatan)} {one.overdue}/{one.submitted}")
        for one in summary.lagging
    )
    return {
        **{name: getattr(summary, name) for name in _COUNTS},
        "open_long": summary.open_long,
        "area": _known(area_name(summary.area)),
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


def _about(facts: Facts, topic: str | None) -> str | None:
    if facts.region is None:
        return topic
    where = ", ".join(map(region_name, (facts.region.desa, facts.region.kecamatan)))
    return f"{topic} ({where})" if topic else where


def _link(facts: Facts, language: Language, public_url: str) -> str:
    """What its reader can open: intake's pages, which say what to do; numbers are on the dashboard.

    `services/intake/pages/` has the pages.
    """
    if facts.summary is not None:
        return f"{public_url}/?{_dashboard(facts.summary, language)}"
    match facts.recipient_kind:
        case "owner":
            return f"{public_url}/webhook"
        case "requester":
            link = _token(facts)
            # the ticket last: mail programs take a `-`, which a token may end in, for punctuation
            asked = {"izin": link.text if link else None, "tiket": facts.ticket}
            known = {name: one_line(value) for name, value in asked.items() if value}
            return f"{public_url}/lacak{'?' if known else ''}{urlencode(known)}"
    base = f"{public_url}/konsultasi"
    one = facts.consultation if facts.event != "digest" else None
    return f"{base}/{one}" if one else base


def _unsubscribe(facts: Facts, language: Language, public_url: str) -> str:
    """`services/notify/pages/` has the page. Not the token last, as above."""
    if facts.unsubscribe is None:
        return ""
    return f"{public_url}/berhenti?izin={facts.unsubscribe}&bahasa={language}"


def _token(facts: Facts) -> LinkToken | None:
    """It opens the consultation of its ticket alone."""
    return facts.link if facts.ticket else None


def _access(facts: Facts, language: Language) -> str:
    if facts.recipient_kind != "requester":
        return ""
    link = _token(facts)
    if link is None:
        return _BY_PIN[language]
    return _BY_LINK[language].format(until=written(link.expires_at, language))


_BY_PIN: Mapping[Language, str] = {
    "id": "dengan nomor tiket dan PIN",
    "en": "with ticket number and PIN",
}
_BY_LINK: Mapping[Language, str] = {
    "id": "tanpa PIN sampai {until}, sesudahnya dengan nomor tiket dan PIN; "
    "jangan teruskan tautan ini",
    "en": "without the PIN until {until}, then with ticket number and PIN; "
    "do not pass this link on",
}


def _dashboard(summary: Summary, language: Language) -> str:
    """What the dashboard's address asks for."""
    asked = {"period": "custom", "from": summary.first, "to": summary.last}
    if summary.every == "week":
        asked["kecamatan"] = summary.area
    return urlencode({**asked, "lang": language})


def _known(text: str | None) -> str | None:
    return one_line(text) or None if text else None


_DAYS: Mapping[Language, tuple[str, ...]] = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS: Mapping[Language, tuple[str, ...]] = {
    "id": (
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

#: Seconds of a working day: 37.5 office hours in five days, as the dashboard reckons.
WORKING_DAY = 27_000
_WORKING_DAYS: Mapping[Language, str] = {"id": "hari kerja", "en": "working days"}


def days_taken(seconds: float, language: Language) -> str:
    """Office time as `0,8 hari kerja`, `0.8 working days`."""
    tenths = f"{seconds / WORKING_DAY:.1f}"
    number = "< 0.1" if tenths == "0.0" and seconds else tenths
    return working_days(number.replace(".", ",") if language == "id" else number, language)


def working_days(number: str, language: Language) -> str:
    """`5 hari kerja`, `5 working days`."""
    return f"{number} {_WORKING_DAYS[language]}"


def period(first: date, last: date, language: Language) -> str:
    """First and last day with a dash between, as briefly as can be; a month as `November 2026`."""
    months = _MONTHS[language]
    month, end = f"{months[first.month - 1]} {first.year}", f"{months[last.month - 1]} {last.year}"
    if month == end:
        whole = first.day == 1 and last.month != (last + timedelta(days=1)).month
        return month if whole else f"{first.day}–{last.day} {month}"
    if first.year == last.year:
        month = months[first.month - 1]
    return f"{first.day} {month}–{last.day} {end}"


def written(time: datetime, language: Language) -> str:
    """`Rabu, 25 November 2026 pukul 16.00 WITA`, `Wednesday, 25 November 2026, 16:00 WITA`.

    `time` has an offset, any one. Seconds are left out: no deadline is written later than it is.
    """
    here = local(time)
    day = _DAYS[language][here.weekday()]
    month = _MONTHS[language][here.month - 1]
    clock = f" pukul {here:%H.%M}" if language == "id" else f", {here:%H:%M}"
    return f"{day}, {here.day} {month} {here.year}{clock} WITA"


def one_line(text: str) -> str:
    """`text` with single spaces for all white space and control characters."""
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())


_KIND_UNKNOWN: Mapping[Language, str] = {"id": "Konsultasi", "en": "Consultation"}
_STEPS: Mapping[Language, Mapping[str, str]] = {
    "id": {"acknowledge": "tanggapan awal", "answer": "jawaban pertama", "resolve": "penyelesaian"},
    "en": {"acknowledge": "acknowledgement", "answer": "first answer", "resolve": "settlement"},
}
_LEVELS: Mapping[Language, Mapping[str, str]] = {
    "id": {
        "officer": "petugas",
        "coordinator": "koordinator satgas",
        "camat": "Camat",
        "dpmd": "Tim Klik Desa DPMD",
    },
    "en": {
        "officer": "the officer",
        "coordinator": "the coordinator of the satgas",
        "camat": "the Camat",
        "dpmd": "the Klik Desa team of DPMD",
    },
}
_STATES: Mapping[Language, Mapping[str, str]] = {
    "id": {
        "case.assigned": "Baru ditugaskan",
        "case.reminder_due": "Hampir lewat batas waktu",
        "case.deadline_missed": "Lewat batas waktu",
        "case.held": "Menunggu petugas",
        "case.escalated": "Diteruskan",
        "consultation.reply_received": "Ada balasan pemohon",
        "consultation.reopened": "Dibuka kembali",
    },
    "en": {
        "case.assigned": "Newly assigned",
        "case.reminder_due": "Deadline near",
        "case.deadline_missed": "Past a deadline",
        "case.held": "Waiting for an officer",
        "case.escalated": "Passed on",
        "consultation.reply_received": "The requester replied",
        "consultation.reopened": "Reopened",
    },
}
_NOTES: Mapping[bool, Mapping[Language, str]] = {
    True: {
        "id": "Pengaduan juga dapat disampaikan lewat kanal nasional SP4N-LAPOR!, "
        "https://www.lapor.go.id",
        "en": "Complaints can also be made through the national channel, SP4N-LAPOR!, "
        "https://www.lapor.go.id",
    },
    False: {
        "id": "Terima kasih telah menggunakan Klik Desa Idaman.",
        "en": "Thank you for using Klik Desa Idaman.",
    },
}


def kind_name(code: str | None, language: Language) -> str:
    if code is None:
        return _KIND_UNKNOWN[language]
    kind = reference.kinds().get(code)
    return getattr(kind, f"name_{language}", code)


def topic_name(code: str, language: Language) -> str:
    topic = reference.topics().get(code)
    return getattr(topic, f"name_{language}", code)


def satgas_name(code: str) -> str:
    return next((o.satgas_name for o in seed_officers() if o.satgas == code), code)


def region_name(code: str) -> str:
    region = reference.region(code)
    return region.name if region else code


def place_name(region: Region) -> str:
    """`Desa Rapak Lambur, Kecamatan Tenggarong`, in both languages."""
    known = reference.region(region.desa)
    desa = f"{known.type.capitalize()} {known.name}" if known else region.desa
    return f"{desa}, Kecamatan {region_name(region.kecamatan)}"


def area_name(code: str) -> str:
    """`Kecamatan Tenggarong`, `Kabupaten Kutai Kartanegara`, in both languages."""
    known = reference.region(code)
    return f"{known.type.capitalize()} {region_name(code)}" if known else code


def step_name(clock: str, language: Language) -> str:
    return _STEPS[language].get(clock, clock)


def level_name(level: str, language: Language) -> str:
    return _LEVELS[language].get(level, level)


def state_name(event: str, language: Language) -> str:
    """What an event means for a case that is still open, in a digest."""
    return _STATES[language].get(event, event)


def note(kind: str | None, language: Language) -> str:
    """What every text to a requester ends with: of a complaint, the channel made for those."""
    return _NOTES[kind == COMPLAINT][language]
