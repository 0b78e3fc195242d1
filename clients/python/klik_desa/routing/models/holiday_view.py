from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.holiday_view_category import HolidayViewCategory

T = TypeVar("T", bound="HolidayView")


@_attrs_define
class HolidayView:
    """
    Attributes:
        category (HolidayViewCategory): `national`, `cuti_bersama` (collective leave) or `local` (the regency's own)
        day (datetime.date): The day, in Asia/Makassar
        estimated (bool): Whether it is reckoned in advance, and may still move when it is announced
        name (str): Its name, as people read it
    """

    category: HolidayViewCategory
    day: datetime.date
    estimated: bool
    name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        category = self.category.value

        day = self.day.isoformat()

        estimated = self.estimated

        name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "category": category,
                "day": day,
                "estimated": estimated,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        category = HolidayViewCategory(d.pop("category"))

        day = datetime.date.fromisoformat(d.pop("day"))

        estimated = d.pop("estimated")

        name = d.pop("name")

        holiday_view = cls(
            category=category,
            day=day,
            estimated=estimated,
            name=name,
        )

        holiday_view.additional_properties = d
        return holiday_view

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
