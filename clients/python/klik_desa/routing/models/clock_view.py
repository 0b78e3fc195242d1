from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.clock_view_name import ClockViewName
from ..models.clock_view_state import ClockViewState

T = TypeVar("T", bound="ClockView")


@_attrs_define
class ClockView:
    """One clock. It runs in office time, while it is the satgas's turn.

    Attributes:
        due (datetime.datetime | None): Null while it stands still with time left.
        label (str): The step's name, in the caller's language.
        left_seconds (int): Office time that is left, for steps not done yet.
        met_at (datetime.datetime | None): When the step was done.
        name (ClockViewName): Which step has to be done by then
        state (ClockViewState): How it stands
    """

    due: datetime.datetime | None
    label: str
    left_seconds: int
    met_at: datetime.datetime | None
    name: ClockViewName
    state: ClockViewState
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        due: None | str
        if isinstance(self.due, datetime.datetime):
            due = self.due.isoformat()
        else:
            due = self.due

        label = self.label

        left_seconds = self.left_seconds

        met_at: None | str
        if isinstance(self.met_at, datetime.datetime):
            met_at = self.met_at.isoformat()
        else:
            met_at = self.met_at

        name = self.name.value

        state = self.state.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "due": due,
                "label": label,
                "left_seconds": left_seconds,
                "met_at": met_at,
                "name": name,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_due(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_type_0 = datetime.datetime.fromisoformat(data)

                return due_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        due = _parse_due(d.pop("due"))

        label = d.pop("label")

        left_seconds = d.pop("left_seconds")

        def _parse_met_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                met_at_type_0 = datetime.datetime.fromisoformat(data)

                return met_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        met_at = _parse_met_at(d.pop("met_at"))

        name = ClockViewName(d.pop("name"))

        state = ClockViewState(d.pop("state"))

        clock_view = cls(
            due=due,
            label=label,
            left_seconds=left_seconds,
            met_at=met_at,
            name=name,
            state=state,
        )

        clock_view.additional_properties = d
        return clock_view

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
