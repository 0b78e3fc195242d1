from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.reconciliation_row import ReconciliationRow


T = TypeVar("T", bound="Reconciliation")


@_attrs_define
class Reconciliation:
    """Accepted by intake, of how many an event tells, and how many the reports count. `difference`:
    accepted but not reported; 0 once all is counted, until then what is on its way.

        Attributes:
            accepted (int): Consultations that intake took in
            as_of (datetime.datetime): The moment that the figures are of
            difference (int): Accepted but not reported yet; 0 once all is counted
            events (int): Consultations of which an event tells that they were accepted
            reported (int): Consultations that the reports count
            rows (list[ReconciliationRow]): The rows, in order
    """

    accepted: int
    as_of: datetime.datetime
    difference: int
    events: int
    reported: int
    rows: list[ReconciliationRow]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        accepted = self.accepted

        as_of = self.as_of.isoformat()

        difference = self.difference

        events = self.events

        reported = self.reported

        rows = []
        for rows_item_data in self.rows:
            rows_item = rows_item_data.to_dict()
            rows.append(rows_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "accepted": accepted,
                "as_of": as_of,
                "difference": difference,
                "events": events,
                "reported": reported,
                "rows": rows,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.reconciliation_row import ReconciliationRow

        d = dict(src_dict)
        accepted = d.pop("accepted")

        as_of = datetime.datetime.fromisoformat(d.pop("as_of"))

        difference = d.pop("difference")

        events = d.pop("events")

        reported = d.pop("reported")

        rows = []
        _rows = d.pop("rows")
        for rows_item_data in _rows:
            rows_item = ReconciliationRow.from_dict(rows_item_data)

            rows.append(rows_item)

        reconciliation = cls(
            accepted=accepted,
            as_of=as_of,
            difference=difference,
            events=events,
            reported=reported,
            rows=rows,
        )

        reconciliation.additional_properties = d
        return reconciliation

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
