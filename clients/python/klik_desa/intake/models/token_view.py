from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TokenView")


@_attrs_define
class TokenView:
    """A token with which the requester reads, replies, closes, reopens, withdraws and rates.

    Attributes:
        id (UUID): The consultation that it is for, and for no other.
        token (str): Sent as `Authorization: Bearer …`, to intake alone.
        token_expires_at (datetime.datetime): Afterwards ticket and PIN give another one: `POST
            /v1/track/{ticket}/token`.
    """

    id: UUID
    token: str
    token_expires_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        token = self.token

        token_expires_at = self.token_expires_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "token": token,
                "token_expires_at": token_expires_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        token = d.pop("token")

        token_expires_at = datetime.datetime.fromisoformat(d.pop("token_expires_at"))

        token_view = cls(
            id=id,
            token=token,
            token_expires_at=token_expires_at,
        )

        token_view.additional_properties = d
        return token_view

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
