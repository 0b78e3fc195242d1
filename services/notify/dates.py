"""Times as people write them, without asking the machine for its locale."""

from collections.abc import Mapping
from datetime import datetime

from services.notify.message import Language
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


def written(time: datetime, language: Language) -> str:
    """`Rabu, 25 November 2026 pukul 16.00 WITA`, `Wednesday, 25 November 2026, 16:00 WITA`.

    `time` has an offset, any one. Seconds are left out: no deadline is written later than it is.
    """
    here = local(time)
    day = _DAYS[language][here.weekday()]
    month = _MONTHS[language][here.month - 1]
    clock = f" pukul {here:%H.%M}" if language == "id" else f", {here:%H:%M}"
    return f"{day}, {here.day} {month} {here.year}{clock} WITA"
