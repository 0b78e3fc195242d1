"""Times as people write them, without asking the machine for its locale, and texts that fit."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from services.notify.domain.message import Language
from shared.times import local

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
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` characters; what is left out, whole words, is shown by `…`."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if text[limit - 1] != " ":
        words = head.rsplit(" ", 1)
        head = words[0] if len(words) == 2 else head
    return head.rstrip(" ,.;:(") + "…"
