from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.new_message_kind import NewMessageKind

T = TypeVar("T", bound="NewMessage")


@_attrs_define
class NewMessage:
    """Something said: an answer, a question back, a reply to it, or a note among officers.

    Attributes:
        body (str): What to write, 1 to 8,000 characters
        kind (NewMessageKind): `answer`, `question`, `reply` or `note`; notes never reach the requester
    """

    body: str
    kind: NewMessageKind

    def to_dict(self) -> dict[str, Any]:
        body = self.body

        kind = self.kind.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "body": body,
                "kind": kind,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        body = d.pop("body")

        kind = NewMessageKind(d.pop("kind"))

        new_message = cls(
            body=body,
            kind=kind,
        )

        return new_message
