from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ReconciliationRow")


@_attrs_define
class ReconciliationRow:
    """
    Attributes:
        accepted (int): Consultations that intake took in
        day (str): The day, in Asia/Makassar
        difference (int): Accepted but not reported yet; 0 once all is counted
        events (int): Consultations of which an event tells that they were accepted
        kecamatan (str): The kecamatan, as a code or with its name
        reported (int): Consultations that the reports count
    """

    accepted: int
    day: str
    difference: int
    events: int
    kecamatan: str
    reported: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        accepted = self.accepted

        day = self.day

        difference = self.difference

        events = self.events

        kecamatan = self.kecamatan

        reported = self.reported

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "accepted": accepted,
                "day": day,
                "difference": difference,
                "events": events,
                "kecamatan": kecamatan,
                "reported": reported,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        accepted = d.pop("accepted")

        day = d.pop("day")

        difference = d.pop("difference")

        events = d.pop("events")

        kecamatan = d.pop("kecamatan")

        reported = d.pop("reported")

        reconciliation_row = cls(
            accepted=accepted,
            day=day,
            difference=difference,
            events=events,
            kecamatan=kecamatan,
            reported=reported,
        )

        reconciliation_row.additional_properties = d
        return reconciliation_row

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
