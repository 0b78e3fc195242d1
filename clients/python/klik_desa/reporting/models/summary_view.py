from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.summary import Summary


T = TypeVar("T", bound="SummaryView")


@_attrs_define
class SummaryView:
    """
    Attributes:
        due (datetime.datetime): When it is due
        event (UUID): The id of `report.summarised`: the `cause` of the alerts that it became.
        summary (Summary): Some days of a kecamatan or of the kabupaten in a few numbers, as reports count them.

            Of the consultations submitted from `first` to `last` (Asia/Makassar, both included), what had
            become of them when the event was made.
        told_at (datetime.datetime): When it was summed up: later than `due` after an outage.
    """

    due: datetime.datetime
    event: UUID
    summary: Summary
    told_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        due = self.due.isoformat()

        event = str(self.event)

        summary = self.summary.to_dict()

        told_at = self.told_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "due": due,
                "event": event,
                "summary": summary,
                "told_at": told_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.summary import Summary

        d = dict(src_dict)
        due = datetime.datetime.fromisoformat(d.pop("due"))

        event = UUID(d.pop("event"))

        summary = Summary.from_dict(d.pop("summary"))

        told_at = datetime.datetime.fromisoformat(d.pop("told_at"))

        summary_view = cls(
            due=due,
            event=event,
            summary=summary,
            told_at=told_at,
        )

        summary_view.additional_properties = d
        return summary_view

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
