from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Period")


@_attrs_define
class Period:
    """Consultations submitted in a day, week or month, and how far they have come.

    Attributes:
        answered (int | None): Consultations that have a first answer
        closed (int | None): Consultations that are closed and were not opened again
        first (datetime.date): Its first day, which may be before the range.
        period (str): The period's name: a day, a week `2026-W48`, a month `2026-11`
        submitted (int | None): Consultations that were submitted
    """

    answered: int | None
    closed: int | None
    first: datetime.date
    period: str
    submitted: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        answered: int | None
        answered = self.answered

        closed: int | None
        closed = self.closed

        first = self.first.isoformat()

        period = self.period

        submitted: int | None
        submitted = self.submitted

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "answered": answered,
                "closed": closed,
                "first": first,
                "period": period,
                "submitted": submitted,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_answered(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        answered = _parse_answered(d.pop("answered"))

        def _parse_closed(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        closed = _parse_closed(d.pop("closed"))

        first = datetime.date.fromisoformat(d.pop("first"))

        period = d.pop("period")

        def _parse_submitted(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        submitted = _parse_submitted(d.pop("submitted"))

        period = cls(
            answered=answered,
            closed=closed,
            first=first,
            period=period,
            submitted=submitted,
        )

        period.additional_properties = d
        return period

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
