"""A post to intake: its fields and their limits."""

import hashlib
import json
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationInfo,
    field_validator,
)

from services.intake.domain.fields import (
    LEGIBLE,
    LINE,
    ON_ONE_LINE,
    SEEN,
    TEXT,
    ChannelCode,
    KindCode,
    RoleCode,
    TopicCode,
)
from shared.text import characters, contacts
from shared.web.fields import WHOLE, Rfc3339

#: An address is checked and, in the same breath, kept: it is read once, and forgotten by the next.
_canonical = lru_cache(maxsize=1)(contacts.canonical)


class Contact(BaseModel):
    """One way to reach the requester. Encrypted at rest; nobody but the satgas is told."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True
    )

    channel: Literal["whatsapp", "telegram", "email", "phone"]
    # three characters that are left once the blanks around them are gone
    address: Annotated[
        str,
        Field(min_length=3, max_length=200, pattern=rf"{SEEN}[\s\S]+{SEEN}"),
        BeforeValidator(characters.address_line),
    ]
    """An e-mail address; a number as people write them, of a mobile for `whatsapp`; the id or name
    of a Telegram chat."""

    @field_validator("address")
    @classmethod
    def _can_be_reached(cls, address: str, info: ValidationInfo) -> str:
        if channel := info.data.get("channel"):
            _canonical(channel, address)
        return address  # as it was sent, for the post's fingerprint

    def canonical(self) -> dict[str, str]:
        """As it is kept: every way to write a number is one number."""
        address = _canonical(self.channel, self.address)
        return {"channel": self.channel, "address": address}


class Requester(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    role: RoleCode
    name: (
        Annotated[str, Field(min_length=1, max_length=100, pattern=SEEN), LINE, ON_ONE_LINE] | None
    ) = None
    contact: Contact | None = None


class Submission(BaseModel):
    """A post to `/v1/consultations`, as the requester's front-end sends it."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True
    )

    title: Annotated[str, Field(min_length=1, max_length=200, pattern=SEEN), LINE, ON_ONE_LINE]
    """On one line."""
    body: Annotated[str, Field(min_length=1, max_length=8000, pattern=SEEN), TEXT]
    topic: TopicCode
    kind: KindCode = "konsultasi"
    desa_code: Annotated[
        str,
        Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[12][0-9]{3}$", examples=["64.02.06.1001"]),
    ]
    """The Kemendagri code of a desa or kelurahan; superseded codes are understood."""
    requester: Requester
    channel: ChannelCode = "web"
    sdgs_goal: Annotated[int, Field(ge=1, le=18), WHOLE] | None = None
    vulnerable_group: StrictBool | None = None
    """Whether the matter is about a poor or vulnerable group (not whether the requester is)."""
    submitted_at: Rfc3339 | None = None
    """When the requester pressed send, by the device's clock, for posts made without signal."""
    anonymous: StrictBool = False
    """The satgas sees neither name nor contact."""

    def fingerprint(self) -> str:
        """What makes two posts the same: everything that was sent, however it was written."""
        sent = self.model_dump(mode="json", exclude_unset=True, exclude={"idempotency_key"})
        return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()


class BatchItem(Submission):
    """One post of a batch, with its own idempotency key."""

    idempotency_key: Annotated[str, Field(min_length=1, max_length=255), LEGIBLE] | None = None
