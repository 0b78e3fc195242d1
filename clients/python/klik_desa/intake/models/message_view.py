from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.message_view_actor import MessageViewActor
from ..types import UNSET, Unset

T = TypeVar("T", bound="MessageView")


@_attrs_define
class MessageView:
    """Something said; `by` names the officer's key only to the satgas.

    Attributes:
        actor (MessageViewActor): Who wrote it: `requester`, `officer`
        at (datetime.datetime): When it happened
        body (str): What was written
        id (str): Its id
        kind (str): `answer`, `question`, `reply` or `note`
        kind_name (str): What the message is, in the caller's language
        by (None | str | Unset): Who did it: an officer's code; null for requesters and the system
    """

    actor: MessageViewActor
    at: datetime.datetime
    body: str
    id: str
    kind: str
    kind_name: str
    by: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        actor = self.actor.value

        at = self.at.isoformat()

        body = self.body

        id = self.id

        kind = self.kind

        kind_name = self.kind_name

        by: None | str | Unset
        if isinstance(self.by, Unset):
            by = UNSET
        else:
            by = self.by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actor": actor,
                "at": at,
                "body": body,
                "id": id,
                "kind": kind,
                "kind_name": kind_name,
            }
        )
        if by is not UNSET:
            field_dict["by"] = by

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        actor = MessageViewActor(d.pop("actor"))

        at = datetime.datetime.fromisoformat(d.pop("at"))

        body = d.pop("body")

        id = d.pop("id")

        kind = d.pop("kind")

        kind_name = d.pop("kind_name")

        def _parse_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        by = _parse_by(d.pop("by", UNSET))

        message_view = cls(
            actor=actor,
            at=at,
            body=body,
            id=id,
            kind=kind,
            kind_name=kind_name,
            by=by,
        )

        message_view.additional_properties = d
        return message_view

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
