from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SeasonView")


@_attrs_define
class SeasonView:
    """Days that follow another profile, both included.

    Attributes:
        estimated (bool): Whether it is reckoned in advance, and may still move when it is announced
        first (datetime.date): The first day, included
        last (datetime.date): The last day, included
        profile (str): The code of the week's hours
    """

    estimated: bool
    first: datetime.date
    last: datetime.date
    profile: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        estimated = self.estimated

        first = self.first.isoformat()

        last = self.last.isoformat()

        profile = self.profile

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "estimated": estimated,
                "first": first,
                "last": last,
                "profile": profile,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        estimated = d.pop("estimated")

        first = datetime.date.fromisoformat(d.pop("first"))

        last = datetime.date.fromisoformat(d.pop("last"))

        profile = d.pop("profile")

        season_view = cls(
            estimated=estimated,
            first=first,
            last=last,
            profile=profile,
        )

        season_view.additional_properties = d
        return season_view

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
