from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SavedReplyView")


@_attrs_define
class SavedReplyView:
    """A text that is kept.

    Attributes:
        body (str): The text of the consultation, 1 to 8,000 characters
        id (str): Its id
        saved_at (datetime.datetime): When it was saved first.
    """

    body: str
    id: str
    saved_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        body = self.body

        id = self.id

        saved_at = self.saved_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "body": body,
                "id": id,
                "saved_at": saved_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        body = d.pop("body")

        id = d.pop("id")

        saved_at = datetime.datetime.fromisoformat(d.pop("saved_at"))

        saved_reply_view = cls(
            body=body,
            id=id,
            saved_at=saved_at,
        )

        saved_reply_view.additional_properties = d
        return saved_reply_view

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
