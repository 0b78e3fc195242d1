from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="KecamatanDemand")


@_attrs_define
class KecamatanDemand:
    """
    Attributes:
        count (int): How many there are
        kecamatan (str): The kecamatan, as a code or with its name
        kecamatan_name (str): The kecamatan's name
    """

    count: int
    kecamatan: str
    kecamatan_name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        count = self.count

        kecamatan = self.kecamatan

        kecamatan_name = self.kecamatan_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "count": count,
                "kecamatan": kecamatan,
                "kecamatan_name": kecamatan_name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        count = d.pop("count")

        kecamatan = d.pop("kecamatan")

        kecamatan_name = d.pop("kecamatan_name")

        kecamatan_demand = cls(
            count=count,
            kecamatan=kecamatan,
            kecamatan_name=kecamatan_name,
        )

        kecamatan_demand.additional_properties = d
        return kecamatan_demand

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
