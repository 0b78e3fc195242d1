"""Kinds of fields that intake's bodies are made of; stricter than pydantic where that guesses."""

import re
from collections.abc import Callable, Collection
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from shared import reference

SEEN = r"[^\s\u0085]"
"""A character that can be seen. U+0085 is a blank to some readers of JSON Schema, not to others."""


def _known(codes: Collection[str], name: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in codes:
            raise PydanticCustomError("unknown_code", f"Unknown code: see /v1/reference/{name}")
        return value

    return check


def _codes(codes: Collection[str]) -> dict[str, list[str]]:
    """For the OpenAPI document, so that a form generator can offer the choice."""
    return {"enum": sorted(codes)}


_TOPICS = reference.topics().keys() | reference.topic_aliases().keys()
TopicCode = Annotated[
    str,
    AfterValidator(_known(_TOPICS, "topics")),
    Field(json_schema_extra=_codes(_TOPICS)),
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
_SATGAS = {one.code for one in reference.regions().values() if one.type == "kecamatan"} | {
    reference.DPMD
}
SatgasCode = Annotated[
    str,
    AfterValidator(_known(_SATGAS, "regions")),
    Field(json_schema_extra=_codes(_SATGAS)),
]
"""A kecamatan, or the DPMD desk."""
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


Rfc3339 = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]
"""A time with its offset."""
