"""Kinds of fields that intake's bodies are made of; stricter than pydantic where that guesses."""

from collections.abc import Callable, Collection
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from shared import reference
from shared.text import characters
from shared.text.wording import Text, Unfit

SEEN = characters.SEEN

LINE = Field(json_schema_extra={"pattern": characters.LINE})
"""What the contract says of a title or a name; `ON_ONE_LINE` holds them to it."""
ON_ONE_LINE = BeforeValidator(characters.line)
TEXT = Field(json_schema_extra={"pattern": characters.TEXT})
LEGIBLE = Field(json_schema_extra={"pattern": f"^{characters.LEGIBLE}*$"})
"""What the contract says of a text; `shared/web/middleware.py` holds every body to it."""


def _known(codes: Collection[str], name: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in codes:
            raise Unfit(
                Text(
                    f"Kode tidak dikenal: lihat /v1/reference/{name}",
                    f"Unknown code: see /v1/reference/{name}",
                ),
                code="unknown_code",
            )
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
