"""What the requester sees by ticket and PIN, and the front-end without."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.intake.api.consultation_schemas import MessageView, Place, messages_of
from services.intake.api.schemas import Notice
from services.intake.domain.consultation import Consultation
from services.intake.domain.lifecycle import Status
from services.intake.domain.timeline import for_requester
from shared.reference import label
from shared.text.wording import Language
from shared.times import local


class TrackEntry(BaseModel):
    """One line of the timeline: an event's name, and when."""

    what: str
    what_name: str
    at: AwareDatetime


class TrackView(BaseModel):
    """What the requester sees: where it is, nobody's name."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    ticket: str
    status: Status
    status_name: str
    topic: str
    topic_name: str
    desa: Place
    kecamatan: Place
    submitted_at: AwareDatetime
    received_at: AwareDatetime
    assigned_at: AwareDatetime | None
    answer_due: AwareDatetime | None = None
    """Until when the first answer is given; absent once there is one, or while it pauses."""
    messages: list[MessageView]
    timeline: list[TrackEntry]
    notice: Notice | None = None

    @classmethod
    def of(cls, found: Consultation, language: Language) -> "TrackView":
        return cls(
            ticket=found.ticket,
            status=found.status,
            status_name=label("statuses", found.status, language),
            topic=found.topic,
            topic_name=label("topics", found.topic, language),
            desa=Place.of(found.desa),
            kecamatan=Place.of(found.kecamatan),
            submitted_at=local(found.submitted_at),
            received_at=local(found.received_at),
            assigned_at=local(found.assigned_at) if found.assigned_at else None,
            answer_due=local(due) if (due := found.first_answer_due) else None,
            messages=messages_of(found, language, for_satgas=False),
            timeline=[
                TrackEntry(
                    what=entry.what,
                    what_name=label("happenings", entry.what, language),
                    at=local(entry.at),
                )
                for entry in for_requester(found.timeline)
            ],
            notice=Notice.of(found, language),
        )


class StatusView(BaseModel):
    """What a front-end sees of what it posted: where it is and since when, and not a word of it."""

    id: UUID
    ticket: str
    status: Status
    status_name: str
    submitted_at: AwareDatetime
    received_at: AwareDatetime
    assigned_at: AwareDatetime | None

    @classmethod
    def of(cls, found: Consultation, language: Language) -> "StatusView":
        return cls(
            id=found.id,
            ticket=found.ticket,
            status=found.status,
            status_name=label("statuses", found.status, language),
            submitted_at=local(found.submitted_at),
            received_at=local(found.received_at),
            assigned_at=local(found.assigned_at) if found.assigned_at else None,
        )
