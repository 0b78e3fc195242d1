from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Duration")


@_attrs_define
class Duration:
    """Seconds from the receipt, by the clock and, `office_…`, while the offices were open; null
    where nothing has taken any. Quantiles are within 1 %.

        Attributes:
            mean_s (float | None): The mean, in seconds by the clock
            office_mean_s (float | None): The mean, in seconds of office time
            office_p50_s (float | None): Half took at most so many seconds of office time
            office_p90_s (float | None): Nine of ten took at most so many seconds of office time
            office_p95_s (float | None): 19 of 20 took at most so many seconds of office time
            p50_s (float | None): Half took at most so many seconds by the clock
            p90_s (float | None): Nine of ten took at most so many seconds by the clock
            p95_s (float | None): 19 of 20 took at most so many seconds by the clock
    """

    mean_s: float | None
    office_mean_s: float | None
    office_p50_s: float | None
    office_p90_s: float | None
    office_p95_s: float | None
    p50_s: float | None
    p90_s: float | None
    p95_s: float | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        mean_s: float | None
        mean_s = self.mean_s

        office_mean_s: float | None
        office_mean_s = self.office_mean_s

        office_p50_s: float | None
        office_p50_s = self.office_p50_s

        office_p90_s: float | None
        office_p90_s = self.office_p90_s

        office_p95_s: float | None
        office_p95_s = self.office_p95_s

        p50_s: float | None
        p50_s = self.p50_s

        p90_s: float | None
        p90_s = self.p90_s

        p95_s: float | None
        p95_s = self.p95_s

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "mean_s": mean_s,
                "office_mean_s": office_mean_s,
                "office_p50_s": office_p50_s,
                "office_p90_s": office_p90_s,
                "office_p95_s": office_p95_s,
                "p50_s": p50_s,
                "p90_s": p90_s,
                "p95_s": p95_s,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_mean_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        mean_s = _parse_mean_s(d.pop("mean_s"))

        def _parse_office_mean_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        office_mean_s = _parse_office_mean_s(d.pop("office_mean_s"))

        def _parse_office_p50_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        office_p50_s = _parse_office_p50_s(d.pop("office_p50_s"))

        def _parse_office_p90_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        office_p90_s = _parse_office_p90_s(d.pop("office_p90_s"))

        def _parse_office_p95_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        office_p95_s = _parse_office_p95_s(d.pop("office_p95_s"))

        def _parse_p50_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        p50_s = _parse_p50_s(d.pop("p50_s"))

        def _parse_p90_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        p90_s = _parse_p90_s(d.pop("p90_s"))

        def _parse_p95_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        p95_s = _parse_p95_s(d.pop("p95_s"))

        duration = cls(
            mean_s=mean_s,
            office_mean_s=office_mean_s,
            office_p50_s=office_p50_s,
            office_p90_s=office_p90_s,
            office_p95_s=office_p95_s,
            p50_s=p50_s,
            p90_s=p90_s,
            p95_s=p95_s,
        )

        duration.additional_properties = d
        return duration

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
