"""What the requester of a complaint is told: there is a channel made for complaints."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel

from services.intake.domain.consultation import Consultation
from shared.text.wording import Language

LAPOR_URL = "https://www.lapor.go.id"
_TEXTS: Mapping[Language, str] = {
    "id": "Pengaduan ini diterima DPMD secara rahasia, bukan oleh kecamatan. "
    "Pengaduan juga dapat disampaikan lewat kanal nasional SP4N-LAPOR!",
    "en": "This complaint goes to DPMD in confidence, not to the kecamatan. "
    "Complaints can also be made through the national channel, SP4N-LAPOR!",
}


class Notice(BaseModel):
    """A pointer to SP4N-LAPOR!, the national channel for complaints."""

    text: str
    url: str = LAPOR_URL

    @classmethod
    def of(cls, consultation: Consultation, language: Language) -> Self | None:
        """None for what is no complaint."""
        return cls(text=_TEXTS[language]) if consultation.is_confidential else None
