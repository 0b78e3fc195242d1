from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="AcceptedCount")


@_attrs_define
class AcceptedCount:
    """
    Attributes:
        accepted (int): Consultations that intake took in on this day, from this kecamatan
        day (str): The day, in Asia/Makassar
        kecamatan (str): The kecamatan, as a code or with its name
    """

    accepted: int
    day: str
    kecamatan: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        accepted = self.accepted

        day = self.day

        kecamatan = self.kecamatan

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "accepted": accepted,
                "day": day,
                "kecamatan": kecamatan,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        accepted = d.pop("accepted")

        day = d.pop("day")

        kecamatan = d.pop("kecamatan")

        accepted_count = cls(
            accepted=accepted,
            day=day,
            kecamatan=kecamatan,
        )

        accepted_count.additional_properties = d
        return accepted_count

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
