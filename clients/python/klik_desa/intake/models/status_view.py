from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.status_view_status import StatusViewStatus

T = TypeVar("T", bound="StatusView")


@_attrs_define
class StatusView:
    """What a front-end sees of what it posted: where it is and since when, and not a word of it.

    Attributes:
        assigned_at (datetime.datetime | None): When a satgas got it; null before that
        id (UUID): Its id
        received_at (datetime.datetime): When intake received it
        status (StatusViewStatus): How the consultation stands
        status_name (str): The state's name, in the caller's language
        submitted_at (datetime.datetime): When the requester sent it, by their device's clock
        ticket (str): Names the consultation to people: `KD-` and eight characters, the last one a check
    """

    assigned_at: datetime.datetime | None
    id: UUID
    received_at: datetime.datetime
    status: StatusViewStatus
    status_name: str
    submitted_at: datetime.datetime
    ticket: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        assigned_at: None | str
        if isinstance(self.assigned_at, datetime.datetime):
            assigned_at = self.assigned_at.isoformat()
        else:
            assigned_at = self.assigned_at

        id = str(self.id)

        received_at = self.received_at.isoformat()

        status = self.status.value

        status_name = self.status_name

        submitted_at = self.submitted_at.isoformat()

        ticket = self.ticket

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "assigned_at": assigned_at,
                "id": id,
                "received_at": received_at,
                "status": status,
                "status_name": status_name,
                "submitted_at": submitted_at,
                "ticket": ticket,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_assigned_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                assigned_at_type_0 = datetime.datetime.fromisoformat(data)

                return assigned_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        assigned_at = _parse_assigned_at(d.pop("assigned_at"))

        id = UUID(d.pop("id"))

        received_at = datetime.datetime.fromisoformat(d.pop("received_at"))

        status = StatusViewStatus(d.pop("status"))

        status_name = d.pop("status_name")

        submitted_at = datetime.datetime.fromisoformat(d.pop("submitted_at"))

        ticket = d.pop("ticket")

        status_view = cls(
            assigned_at=assigned_at,
            id=id,
            received_at=received_at,
            status=status,
            status_name=status_name,
            submitted_at=submitted_at,
            ticket=ticket,
        )

        status_view.additional_properties = d
        return status_view

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
