"""What the routes of webhooks take and answer."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.notify.webhooks.domain.subscription import (
    Attempt,
    Outcome,
    Result,
    State,
    Subscription,
)
from shared.events import EVENTS, AlertOutcome, Code, ConsultationEvent, KecamatanCode
from shared.times import local

if TYPE_CHECKING:
    EventName = str
else:
    #: What happens to consultations; what came of telling somebody is nobody else's business.
    EventName = Literal[
        *(
            event.name
            for event in EVENTS
            if issubclass(event, ConsultationEvent) and not issubclass(event, AlertOutcome)
        )
    ]
Url = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=r"^https?://[A-Za-z0-9._\-\[\]:]+(/[!-~]*)?$",
        examples=["https://desa.example/klik"],
    ),
]


class _View(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class WebhookBody(BaseModel):
    """A subscription; replaced whole."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    url: Url
    """Where events are posted: https, on a public address."""
    events: Annotated[list[EventName], Field(max_length=50)] = []
    """Which events; none for all."""
    kecamatan: Annotated[list[KecamatanCode], Field(max_length=50)] = []
    """Of which kecamatan; none for all that the key may see."""
    contact: Code | None = None
    """Who is told when the webhook is paused after failures: a recipient of the directory."""


class WebhookView(_View):
    """A subscription and how it fares."""

    id: UUID
    url: str
    events: list[str]
    kecamatan: list[str]
    contact: str | None
    owner: str
    """The id of the key that made it."""
    territory: str | None
    """The kecamatan of that key."""
    state: State
    reason: str | None
    """Why it is paused: `by_owner`, `failing`, `gone`, `address_not_public`, `https_required` …; or
    what became of the owner's key: `key_revoked`, `key_expired`, `key_unknown`, `key_changed`."""
    created_at: AwareDatetime
    delivered_at: AwareDatetime | None
    """The last time that the endpoint took an event."""
    failing_since: AwareDatetime | None
    attempts: int
    """Failed ones at the next event."""
    next_at: AwareDatetime | None
    """When that is tried again."""
    old_secrets_until: AwareDatetime | None
    """Until when secrets that were rotated out sign as well."""

    @classmethod
    def of(cls, one: Subscription, now: datetime) -> Self:
        progress = one.progress
        old = [secret.until for secret in one.signing(now) if secret.until]
        return cls(
            id=one.id,
            url=one.url,
            events=list(one.events),
            kecamatan=list(one.kecamatan),
            contact=one.contact,
            owner=one.owner,
            territory=one.territory,
            state=progress.state,
            reason=progress.reason,
            created_at=local(one.created_at),
            delivered_at=_local(progress.delivered_at),
            failing_since=_local(progress.failing_since),
            attempts=progress.attempts,
            next_at=_local(progress.next_at),
            old_secrets_until=_local(max(old, default=None)),
        )


class SecretWebhookView(WebhookView):
    """With the secret, which is shown this once."""

    secret: str
    """For Standard Webhooks: `whsec_` and base64."""

    @classmethod
    def with_secret(cls, one: Subscription, secret: str, now: datetime) -> Self:
        return cls(**WebhookView.of(one, now).model_dump(), secret=secret)


class WebhooksView(_View):
    webhooks: list[WebhookView]
    next: UUID | None
    """The `cursor` of the following page."""


class TestView(_View):
    """What became of a test."""

    __test__ = False  # no test case of pytest's

    delivered: bool
    status: int | None
    """The endpoint's, where it answered."""
    reason: str | None
    """Why it was not delivered."""
    milliseconds: int

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(
            delivered=outcome.reason is None,
            status=outcome.status,
            reason=outcome.reason,
            milliseconds=outcome.milliseconds,
        )


class DeliveryView(_View):
    at: AwareDatetime
    event: UUID
    """The event's id, which is the `webhook-id`."""
    type: str
    number: int
    """Which attempt at this event, from 1."""
    result: Result
    """`failed`: it is tried again; `given_up`: after the last attempt; `refused`: trying again
    cannot help, the webhook is paused."""
    reason: str | None
    status: int | None
    milliseconds: int

    @classmethod
    def of(cls, one: Attempt) -> Self:
        return cls(
            at=local(one.at),
            event=one.event,
            type=one.type,
            number=one.number,
            result=one.result,
            reason=one.reason,
            status=one.status,
            milliseconds=one.milliseconds,
        )


class DeliveriesView(_View):
    deliveries: list[DeliveryView]
    """The last fifty, the newest first."""


def _local(time: datetime | None) -> datetime | None:
    return local(time) if time else None
