"""The names of codes in both languages: from the reference data, else from here.

A code that nobody knows is shown as it is: an alert with a code in it is better than none.
"""

from collections.abc import Mapping

from services.notify.domain.message import Language
from shared import reference
from shared.events import Region
from shared.reference import COMPLAINT, seed_officers

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
