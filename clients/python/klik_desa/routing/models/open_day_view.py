from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.interval_view import IntervalView


T = TypeVar("T", bound="OpenDayView")


@_attrs_define
class OpenDayView:
    """A day that is worked although it would be free.

    Attributes:
        day (datetime.date): The day, in Asia/Makassar
        intervals (list[IntervalView]): The office hours of the day; none where it is free
        name (str): Its name, as people read it
    """

    day: datetime.date
    intervals: list[IntervalView]
    name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        day = self.day.isoformat()

        intervals = []
        for intervals_item_data in self.intervals:
            intervals_item = intervals_item_data.to_dict()
            intervals.append(intervals_item)

        name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "day": day,
                "intervals": intervals,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.interval_view import IntervalView

        d = dict(src_dict)
        day = datetime.date.fromisoformat(d.pop("day"))

        intervals = []
        _intervals = d.pop("intervals")
        for intervals_item_data in _intervals:
            intervals_item = IntervalView.from_dict(intervals_item_data)

            intervals.append(intervals_item)

        name = d.pop("name")

        open_day_view = cls(
            day=day,
            intervals=intervals,
            name=name,
        )

        open_day_view.additional_properties = d
        return open_day_view

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
