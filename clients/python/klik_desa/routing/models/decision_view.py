from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.decision_view_held_reason_type_0 import DecisionViewHeldReasonType0
from ..models.decision_view_level import DecisionViewLevel

if TYPE_CHECKING:
    from ..models.assignment_reason import AssignmentReason


T = TypeVar("T", bound="DecisionView")


@_attrs_define
class DecisionView:
    """Who got the case, or why nobody could.

    Attributes:
        at (datetime.datetime): When it happened
        held_reason (DecisionViewHeldReasonType0 | None): Why nobody has it; null where somebody does
        level (DecisionViewLevel): Who has it: the satgas's `officer`, or the desk of `dpmd`
        officer (None | str): The officer's code
        reason (AssignmentReason | None): Why: a code, or what decided it
        satgas (str): The task force that has it: a kecamatan's code, or `dpmd`
    """

    at: datetime.datetime
    held_reason: DecisionViewHeldReasonType0 | None
    level: DecisionViewLevel
    officer: None | str
    reason: AssignmentReason | None
    satgas: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.assignment_reason import AssignmentReason

        at = self.at.isoformat()

        held_reason: None | str
        if isinstance(self.held_reason, DecisionViewHeldReasonType0):
            held_reason = self.held_reason.value
        else:
            held_reason = self.held_reason

        level = self.level.value

        officer: None | str
        officer = self.officer

        reason: dict[str, Any] | None
        if isinstance(self.reason, AssignmentReason):
            reason = self.reason.to_dict()
        else:
            reason = self.reason

        satgas = self.satgas

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "held_reason": held_reason,
                "level": level,
                "officer": officer,
                "reason": reason,
                "satgas": satgas,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.assignment_reason import AssignmentReason

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        def _parse_held_reason(data: object) -> DecisionViewHeldReasonType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                held_reason_type_0 = DecisionViewHeldReasonType0(data)

                return held_reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DecisionViewHeldReasonType0 | None, data)

        held_reason = _parse_held_reason(d.pop("held_reason"))

        level = DecisionViewLevel(d.pop("level"))

        def _parse_officer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        officer = _parse_officer(d.pop("officer"))

        def _parse_reason(data: object) -> AssignmentReason | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                reason_type_0 = AssignmentReason.from_dict(data)

                return reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AssignmentReason | None, data)

        reason = _parse_reason(d.pop("reason"))

        satgas = d.pop("satgas")

        decision_view = cls(
            at=at,
            held_reason=held_reason,
            level=level,
            officer=officer,
            reason=reason,
            satgas=satgas,
        )

        decision_view.additional_properties = d
        return decision_view

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
