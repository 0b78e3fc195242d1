"""What notify answers, and takes: alerts with their log, and the directory."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    ValidationInfo,
)

from services.notify.domain.alert import Alert, State, What
from services.notify.domain.recipients import Address, Recipient, Role, kind_of
from shared.events import Code, RecipientKind, Region
from shared.reference import label
from shared.text import contacts
from shared.text.wording import Language
from shared.times import local

SatgasCode = Annotated[str, Field(pattern=r"^([0-9]{2}\.[0-9]{2}\.[0-9]{2}|dpmd)$")]


def _as_meant(address: str, info: ValidationInfo) -> str:
    """Needs `channel` before it; where that is wrong, nobody knows what this should be."""
    channel = info.data.get("channel")
    return contacts.canonical(kind_of(channel), address) if channel else address


AddressText = Annotated[str, Field(min_length=3, max_length=200), AfterValidator(_as_meant)]
"""Of the field `channel`, in its one form: an e-mail address, a number as people write them, the
id or name of a chat."""


class _View(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class ChannelBody(_Body):
    channel: Code
    """`email`, `whatsapp`, `telegram` …: one without a sender here is passed over."""
    address: AddressText
    """Of an e-mail, a number as people write them, or the id or name of a Telegram chat; shown in
    its one form, `+6281255551234`."""


class RecipientBody(_Body):
    """Somebody who can be told; replaced whole."""

    role: Role
    satgas: SatgasCode
    """A kecamatan, or `dpmd`."""
    language: Literal["id", "en"] = "id"
    channels: Annotated[list[ChannelBody], Field(max_length=10)] = []
    """In the order in which they are tried."""
    quiet_hours: StrictBool = True
    """Whether alerts wait for office hours; what reached camat or DPMD never does."""
    digest: StrictBool = False
    """Whether a list of what is open comes on working mornings."""

    def recipient(self, id_: str) -> Recipient:
        return Recipient(
            id=id_,
            role=self.role,
            satgas=self.satgas,
            channels=tuple(Address(one.channel, one.address) for one in self.channels),
            language=self.language,
            quiet_hours=self.quiet_hours,
            digest=self.digest,
        )


class RecipientView(RecipientBody):
    id: str

    @classmethod
    def of(cls, recipient: Recipient) -> Self:
        return cls(
            id=recipient.id,
            role=recipient.role,
            satgas=recipient.satgas,
            language=recipient.language,
            channels=[
                ChannelBody.model_construct(channel=one.channel, address=one.value)
                for one in recipient.channels
            ],
            quiet_hours=recipient.quiet_hours,
            digest=recipient.digest,
        )


class EntryView(_View):
    """A step of the delivery: `tried` with the code of how it went, `held` until when, `delivered`
    and `read` as the provider reports, `returned` where it could not deliver what it took …"""

    at: AwareDatetime
    what: What
    channel: str | None = None
    code: str | None = None
    until: AwareDatetime | None = None


class AlertView(_View):
    """One recipient of one event. Addresses are nowhere in it."""

    id: str
    state: State
    state_name: str
    """The same, in the caller's language."""
    event: str
    """The cause's name, or what is made of several: `digest`, `report.weekly` …"""
    cause: UUID
    """The cause's id."""
    consultation: UUID | None
    region: Region | None
    satgas: str | None
    recipient: str
    recipient_kind: RecipientKind
    rule: str
    """Why this recipient: `has_the_case`, `nobody_has_the_case`, `escalated_to`, `asked` …"""
    created_at: AwareDatetime
    next_at: AwareDatetime | None
    """For what is not over: when it is looked at next."""
    attempts: int
    channel: str | None
    reason: str | None
    """Why it is not sent, not yet, or not going to be."""
    sent_at: AwareDatetime | None
    provider_id: str | None
    receipt: Literal["sent", "failed", "delivered", "read"] | None
    """How far the provider reports that it came."""
    log: list[EntryView]

    @classmethod
    def of(cls, alert: Alert, said: Language = "id") -> Self:
        return cls(
            id=alert.id,
            state=alert.state,
            state_name=label("alert_states", alert.state, said),
            event=alert.event,
            cause=alert.cause,
            consultation=alert.consultation,
            region=alert.region,
            satgas=alert.satgas,
            recipient=alert.recipient,
            recipient_kind=alert.recipient_kind,
            rule=alert.rule,
            created_at=local(alert.created_at),
            next_at=_local(alert.next_at),
            attempts=alert.attempts,
            channel=alert.channel,
            reason=alert.reason,
            sent_at=_local(alert.sent_at),
            provider_id=alert.provider_id,
            receipt=alert.receipt,
            log=[
                EntryView(
                    at=local(one.at),
                    what=one.what,
                    channel=one.channel,
                    code=one.code,
                    until=_local(one.until),
                )
                for one in alert.log
            ],
        )


class AlertsView(_View):
    alerts: list[AlertView]
    next: UUID | None
    """The `cursor` of the following page."""


def _local(time: datetime | None) -> datetime | None:
    return local(time) if time else None
