from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.local_day import LocalDay
    from ..models.ramadan import Ramadan
    from ..models.weeks import Weeks


T = TypeVar("T", bound="LocalCalendar")


@_attrs_define
class LocalCalendar:
    """Everything the regency decides itself. National holidays are not in it.

    Attributes:
        weeks (Weeks): `version` names where the hours come from.
        days (list[LocalDay] | Unset): The days that this is about
        ramadan (list[Ramadan] | Unset): Ramadan, when the offices have hours of their own
    """

    weeks: Weeks
    days: list[LocalDay] | Unset = UNSET
    ramadan: list[Ramadan] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        weeks = self.weeks.to_dict()

        days: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.days, Unset):
            days = []
            for days_item_data in self.days:
                days_item = days_item_data.to_dict()
                days.append(days_item)

        ramadan: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.ramadan, Unset):
            ramadan = []
            for ramadan_item_data in self.ramadan:
                ramadan_item = ramadan_item_data.to_dict()
                ramadan.append(ramadan_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "weeks": weeks,
            }
        )
        if days is not UNSET:
            field_dict["days"] = days
        if ramadan is not UNSET:
            field_dict["ramadan"] = ramadan

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.local_day import LocalDay
        from ..models.ramadan import Ramadan
        from ..models.weeks import Weeks

        d = dict(src_dict)
        weeks = Weeks.from_dict(d.pop("weeks"))

        _days = d.pop("days", UNSET)
        days: list[LocalDay] | Unset = UNSET
        if _days is not UNSET:
            days = []
            for days_item_data in _days:
                days_item = LocalDay.from_dict(days_item_data)

                days.append(days_item)

        _ramadan = d.pop("ramadan", UNSET)
        ramadan: list[Ramadan] | Unset = UNSET
        if _ramadan is not UNSET:
            ramadan = []
            for ramadan_item_data in _ramadan:
                ramadan_item = Ramadan.from_dict(ramadan_item_data)

                ramadan.append(ramadan_item)

        local_calendar = cls(
            weeks=weeks,
            days=days,
            ramadan=ramadan,
        )

        return local_calendar
