from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.officer_body_topics_item import OfficerBodyTopicsItem
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.leave_body import LeaveBody


T = TypeVar("T", bound="OfficerBody")


@_attrs_define
class OfficerBody:
    """
    Attributes:
        code (str): The code that names it
        available (bool | Unset): Whether the officer gets cases now Default: True.
        capacity (int | None | Unset): How many open cases at once; null is no limit.
        leave (list[LeaveBody] | Unset): When the officer is away
        topics (list[OfficerBodyTopicsItem] | Unset): Codes of topics, or of groups of them, that the officer knows.
    """

    code: str
    available: bool | Unset = True
    capacity: int | None | Unset = UNSET
    leave: list[LeaveBody] | Unset = UNSET
    topics: list[OfficerBodyTopicsItem] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        available = self.available

        capacity: int | None | Unset
        if isinstance(self.capacity, Unset):
            capacity = UNSET
        else:
            capacity = self.capacity

        leave: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.leave, Unset):
            leave = []
            for leave_item_data in self.leave:
                leave_item = leave_item_data.to_dict()
                leave.append(leave_item)

        topics: list[str] | Unset = UNSET
        if not isinstance(self.topics, Unset):
            topics = []
            for topics_item_data in self.topics:
                topics_item = topics_item_data.value
                topics.append(topics_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "code": code,
            }
        )
        if available is not UNSET:
            field_dict["available"] = available
        if capacity is not UNSET:
            field_dict["capacity"] = capacity
        if leave is not UNSET:
            field_dict["leave"] = leave
        if topics is not UNSET:
            field_dict["topics"] = topics

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.leave_body import LeaveBody

        d = dict(src_dict)
        code = d.pop("code")

        available = d.pop("available", UNSET)

        def _parse_capacity(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        capacity = _parse_capacity(d.pop("capacity", UNSET))

        _leave = d.pop("leave", UNSET)
        leave: list[LeaveBody] | Unset = UNSET
        if _leave is not UNSET:
            leave = []
            for leave_item_data in _leave:
                leave_item = LeaveBody.from_dict(leave_item_data)

                leave.append(leave_item)

        _topics = d.pop("topics", UNSET)
        topics: list[OfficerBodyTopicsItem] | Unset = UNSET
        if _topics is not UNSET:
            topics = []
            for topics_item_data in _topics:
                topics_item = OfficerBodyTopicsItem(topics_item_data)

                topics.append(topics_item)

        officer_body = cls(
            code=code,
            available=available,
            capacity=capacity,
            leave=leave,
            topics=topics,
        )

        return officer_body
