from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Age")


@_attrs_define
class Age:
    """Open consultations by days since their submission; the last age has no end.

    Attributes:
        from_days (int): Days of waiting from which this age begins
        open_ (int): Consultations that are open
        to_days (int | None): Days of waiting up to which this age goes; null for the last
    """

    from_days: int
    open_: int
    to_days: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from_days = self.from_days

        open_ = self.open_

        to_days: int | None
        to_days = self.to_days

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "from_days": from_days,
                "open": open_,
                "to_days": to_days,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        from_days = d.pop("from_days")

        open_ = d.pop("open")

        def _parse_to_days(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        to_days = _parse_to_days(d.pop("to_days"))

        age = cls(
            from_days=from_days,
            open_=open_,
            to_days=to_days,
        )

        age.additional_properties = d
        return age

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
