from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.day_view import DayView


T = TypeVar("T", bound="ProfileView")


@_attrs_define
class ProfileView:
    """
    Attributes:
        code (str): The code that names it
        hours_a_week (float): Office hours in a whole week
        week (list[DayView]): The hours of each day, Monday first
    """

    code: str
    hours_a_week: float
    week: list[DayView]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        hours_a_week = self.hours_a_week

        week = []
        for week_item_data in self.week:
            week_item = week_item_data.to_dict()
            week.append(week_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "hours_a_week": hours_a_week,
                "week": week,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.day_view import DayView

        d = dict(src_dict)
        code = d.pop("code")

        hours_a_week = d.pop("hours_a_week")

        week = []
        _week = d.pop("week")
        for week_item_data in _week:
            week_item = DayView.from_dict(week_item_data)

            week.append(week_item)

        profile_view = cls(
            code=code,
            hours_a_week=hours_a_week,
            week=week,
        )

        profile_view.additional_properties = d
        return profile_view

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
