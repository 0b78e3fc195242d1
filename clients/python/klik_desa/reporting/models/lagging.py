from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Lagging")


@_attrs_define
class Lagging:
    """A kecamatan of which much was late, in the days of a summary.

    Attributes:
        kecamatan (str): The kecamatan, as a code or with its name
        overdue (int): Consultations that missed a deadline, whatever came of it later
        submitted (int): Consultations that were submitted
    """

    kecamatan: str
    overdue: int
    submitted: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kecamatan = self.kecamatan

        overdue = self.overdue

        submitted = self.submitted

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kecamatan": kecamatan,
                "overdue": overdue,
                "submitted": submitted,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        kecamatan = d.pop("kecamatan")

        overdue = d.pop("overdue")

        submitted = d.pop("submitted")

        lagging = cls(
            kecamatan=kecamatan,
            overdue=overdue,
            submitted=submitted,
        )

        lagging.additional_properties = d
        return lagging

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
