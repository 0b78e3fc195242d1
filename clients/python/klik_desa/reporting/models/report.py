from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.row import Row
    from ..models.totals import Totals


T = TypeVar("T", bound="Report")


@_attrs_define
class Report:
    """
    Attributes:
        as_of (datetime.datetime): The moment that the figures are of
        calendar_version (None | str): By which office time was reckoned.
        events_applied (int | None): On how many events these figures rest; null for who sees one kecamatan alone.
        group_by (list[str]): The keys that the rows are grouped by
        lag_seconds (float): How long the oldest event that is not counted yet has been waiting; 0 where none is.
        next_ (None | str): The cursor of the next page.
        rows (list[Row]): The rows, in order
        source (str): The cube that they were read from, or `projection`.
        totals (Totals):
    """

    as_of: datetime.datetime
    calendar_version: None | str
    events_applied: int | None
    group_by: list[str]
    lag_seconds: float
    next_: None | str
    rows: list[Row]
    source: str
    totals: Totals
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        as_of = self.as_of.isoformat()

        calendar_version: None | str
        calendar_version = self.calendar_version

        events_applied: int | None
        events_applied = self.events_applied

        group_by = self.group_by

        lag_seconds = self.lag_seconds

        next_: None | str
        next_ = self.next_

        rows = []
        for rows_item_data in self.rows:
            rows_item = rows_item_data.to_dict()
            rows.append(rows_item)

        source = self.source

        totals = self.totals.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "as_of": as_of,
                "calendar_version": calendar_version,
                "events_applied": events_applied,
                "group_by": group_by,
                "lag_seconds": lag_seconds,
                "next": next_,
                "rows": rows,
                "source": source,
                "totals": totals,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.row import Row
        from ..models.totals import Totals

        d = dict(src_dict)
        as_of = datetime.datetime.fromisoformat(d.pop("as_of"))

        def _parse_calendar_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        calendar_version = _parse_calendar_version(d.pop("calendar_version"))

        def _parse_events_applied(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        events_applied = _parse_events_applied(d.pop("events_applied"))

        group_by = cast(list[str], d.pop("group_by"))

        lag_seconds = d.pop("lag_seconds")

        def _parse_next_(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_ = _parse_next_(d.pop("next"))

        rows = []
        _rows = d.pop("rows")
        for rows_item_data in _rows:
            rows_item = Row.from_dict(rows_item_data)

            rows.append(rows_item)

        source = d.pop("source")

        totals = Totals.from_dict(d.pop("totals"))

        report = cls(
            as_of=as_of,
            calendar_version=calendar_version,
            events_applied=events_applied,
            group_by=group_by,
            lag_seconds=lag_seconds,
            next_=next_,
            rows=rows,
            source=source,
            totals=totals,
        )

        report.additional_properties = d
        return report

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
