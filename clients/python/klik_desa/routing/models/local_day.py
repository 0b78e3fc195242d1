from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.local_day_kind import LocalDayKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="LocalDay")


@_attrs_define
class LocalDay:
    """A day that is free here, or worked although it would be free.

    Attributes:
        day (datetime.date): The day, in Asia/Makassar
        kind (LocalDayKind): Whether the day is free or worked
        name (str): Its name, as people read it
        hours (list[str] | Unset): For an open day.
    """

    day: datetime.date
    kind: LocalDayKind
    name: str
    hours: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        day = self.day.isoformat()

        kind = self.kind.value

        name = self.name

        hours: list[str] | Unset = UNSET
        if not isinstance(self.hours, Unset):
            hours = self.hours

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "day": day,
                "kind": kind,
                "name": name,
            }
        )
        if hours is not UNSET:
            field_dict["hours"] = hours

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        day = datetime.date.fromisoformat(d.pop("day"))

        kind = LocalDayKind(d.pop("kind"))

        name = d.pop("name")

        hours = cast(list[str], d.pop("hours", UNSET))

        local_day = cls(
            day=day,
            kind=kind,
            name=name,
            hours=hours,
        )

        return local_day
