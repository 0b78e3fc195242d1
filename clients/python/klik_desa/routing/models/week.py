from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="Week")


@_attrs_define
class Week:
    """Office hours of a week; they neither overlap nor run past midnight.

    Attributes:
        friday (list[str]): Office hours of each Friday; none where it is free
        monday (list[str]): Office hours of each Monday; none where it is free
        saturday (list[str]): Office hours of each Saturday; none where it is free
        sunday (list[str]): Office hours of each Sunday; none where it is free
        thursday (list[str]): Office hours of each Thursday; none where it is free
        tuesday (list[str]): Office hours of each Tuesday; none where it is free
        wednesday (list[str]): Office hours of each Wednesday; none where it is free
    """

    friday: list[str]
    monday: list[str]
    saturday: list[str]
    sunday: list[str]
    thursday: list[str]
    tuesday: list[str]
    wednesday: list[str]

    def to_dict(self) -> dict[str, Any]:
        friday = self.friday

        monday = self.monday

        saturday = self.saturday

        sunday = self.sunday

        thursday = self.thursday

        tuesday = self.tuesday

        wednesday = self.wednesday

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "Friday": friday,
                "Monday": monday,
                "Saturday": saturday,
                "Sunday": sunday,
                "Thursday": thursday,
                "Tuesday": tuesday,
                "Wednesday": wednesday,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        friday = cast(list[str], d.pop("Friday"))

        monday = cast(list[str], d.pop("Monday"))

        saturday = cast(list[str], d.pop("Saturday"))

        sunday = cast(list[str], d.pop("Sunday"))

        thursday = cast(list[str], d.pop("Thursday"))

        tuesday = cast(list[str], d.pop("Tuesday"))

        wednesday = cast(list[str], d.pop("Wednesday"))

        week = cls(
            friday=friday,
            monday=monday,
            saturday=saturday,
            sunday=sunday,
            thursday=thursday,
            tuesday=tuesday,
            wednesday=wednesday,
        )

        return week
