"""A post to intake: its fields, their limits, and which codes they take."""

import hashlib
import json
import re
from collections.abc import Callable, Collection
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
)
from pydantic_core import PydanticCustomError

from shared import reference


def _known(codes: Collection[str], name: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in codes:
            raise PydanticCustomError("unknown_code", f"Unknown code: see /v1/reference/{name}")
        return value

    return check


def _codes(codes: Collection[str]) -> dict[str, list[str]]:
    """For the OpenAPI document, so that a form generator can offer the choice."""
    return {"enum": sorted(codes)}


TopicCode = Annotated[
    str,
    AfterValidator(_known(reference.topics(), "topics")),
    Field(json_schema_extra=_codes(reference.topics())),
]
RoleCode = Annotated[
    str,
    AfterValidator(_known(reference.roles(), "roles")),
    Field(json_schema_extra=_codes(reference.roles())),
]
KindCode = Annotated[
    str,
    AfterValidator(_known(reference.kinds(), "kinds")),
    Field(json_schema_extra=_codes(reference.kinds())),
]
ChannelCode = Annotated[
    str,
    AfterValidator(_known(reference.channels(), "channels")),
    Field(json_schema_extra=_codes(reference.channels())),
]

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _rfc3339(value: object) -> object:
    """Pydantic alone would also take a number as seconds since 1970."""
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        return value
    raise PydanticCustomError(
        "rfc3339", "Expected a time with its offset, such as 2026-11-24T09:30:00+08:00"
    )


def _number(value: object) -> object:
    """Pydantic alone would also take a text with a number in it; 13.0 is the 13 of some JSON."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("int_type", "Input should be a valid integer")


class Contact(BaseModel):
    """One way to reach the requester. Encrypted at rest; nobody but the satgas is told."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    channel: Literal["whatsapp", "telegram", "email", "phone"]
    # three characters that are left once the blanks around them are gone
    address: Annotated[str, Field(min_length=3, max_length=200, pattern=r"\S[\s\S]+\S")]


class Requester(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    role: RoleCode
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")] | None = None
    contact: Contact | None = None


class Submission(BaseModel):
    """A post to `/v1/consultations`, as the requester's front-end sends it."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True
    )

    title: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    body: Annotated[str, Field(min_length=1, max_length=8000, pattern=r"\S")]
    topic: TopicCode
    kind: KindCode = "konsultasi"
    desa_code: Annotated[
        str,
        Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[12][0-9]{3}$", examples=["64.02.06.1001"]),
    ]
    """The Kemendagri code of a desa or kelurahan; superseded codes are understood."""
    requester: Requester
    channel: ChannelCode = "web"
    sdgs_goal: Annotated[int, Field(ge=1, le=18), BeforeValidator(_number)] | None = None
    vulnerable_group: StrictBool | None = None
    """Whether the matter is about a poor or vulnerable group (not whether the requester is)."""
    submitted_at: Annotated[AwareDatetime, BeforeValidator(_rfc3339)] | None = None
    """When the requester pressed send, by the device's clock, for posts made without signal."""
    anonymous: StrictBool = False
    """The satgas sees neither name nor contact."""

    def fingerprint(self) -> str:
        """What makes two posts the same: everything that was sent, however it was written."""
        sent = self.model_dump(mode="json", exclude_unset=True, exclude={"idempotency_key"})
        return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()


class BatchItem(Submission):
    """One post of a batch, with its own idempotency key."""

    idempotency_key: Annotated[str, Field(min_length=1, max_length=255)] | None = None
