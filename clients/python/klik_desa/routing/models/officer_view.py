from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.officer_view_presence import OfficerViewPresence

if TYPE_CHECKING:
    from ..models.leave_view import LeaveView


T = TypeVar("T", bound="OfficerView")


@_attrs_define
class OfficerView:
    """An officer, with how much he has and whether he is there today.

    Attributes:
        available (bool): Whether the officer gets cases now
        capacity (int | None): Open cases that the officer can have at once; null for no limit
        code (str): The code that names it
        leave (list[LeaveView]): When the officer is away
        open_cases (int): Cases that the officer has now
        presence (OfficerViewPresence): Today.
        topics (list[str]): Topics, as codes or with their figures
    """

    available: bool
    capacity: int | None
    code: str
    leave: list[LeaveView]
    open_cases: int
    presence: OfficerViewPresence
    topics: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        available = self.available

        capacity: int | None
        capacity = self.capacity

        code = self.code

        leave = []
        for leave_item_data in self.leave:
            leave_item = leave_item_data.to_dict()
            leave.append(leave_item)

        open_cases = self.open_cases

        presence = self.presence.value

        topics = self.topics

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "available": available,
                "capacity": capacity,
                "code": code,
                "leave": leave,
                "open_cases": open_cases,
                "presence": presence,
                "topics": topics,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.leave_view import LeaveView

        d = dict(src_dict)
        available = d.pop("available")

        def _parse_capacity(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        capacity = _parse_capacity(d.pop("capacity"))

        code = d.pop("code")

        leave = []
        _leave = d.pop("leave")
        for leave_item_data in _leave:
            leave_item = LeaveView.from_dict(leave_item_data)

            leave.append(leave_item)

        open_cases = d.pop("open_cases")

        presence = OfficerViewPresence(d.pop("presence"))

        topics = cast(list[str], d.pop("topics"))

        officer_view = cls(
            available=available,
            capacity=capacity,
            code=code,
            leave=leave,
            open_cases=open_cases,
            presence=presence,
            topics=topics,
        )

        officer_view.additional_properties = d
        return officer_view

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
