from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.clock_rule_days_by_kind import ClockRuleDaysByKind
    from ..models.escalation import Escalation


T = TypeVar("T", bound="ClockRule")


@_attrs_define
class ClockRule:
    """How long one step may take.

    Attributes:
        days (int): Working days until the deadline
        days_by_kind (ClockRuleDaysByKind | Unset): Kinds of consultation that differ from `days`.
        escalations (list[Escalation] | Unset): Upwards, the later the higher.
    """

    days: int
    days_by_kind: ClockRuleDaysByKind | Unset = UNSET
    escalations: list[Escalation] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        days = self.days

        days_by_kind: dict[str, Any] | Unset = UNSET
        if not isinstance(self.days_by_kind, Unset):
            days_by_kind = self.days_by_kind.to_dict()

        escalations: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.escalations, Unset):
            escalations = []
            for escalations_item_data in self.escalations:
                escalations_item = escalations_item_data.to_dict()
                escalations.append(escalations_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "days": days,
            }
        )
        if days_by_kind is not UNSET:
            field_dict["days_by_kind"] = days_by_kind
        if escalations is not UNSET:
            field_dict["escalations"] = escalations

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.clock_rule_days_by_kind import ClockRuleDaysByKind
        from ..models.escalation import Escalation

        d = dict(src_dict)
        days = d.pop("days")

        _days_by_kind = d.pop("days_by_kind", UNSET)
        days_by_kind: ClockRuleDaysByKind | Unset
        if isinstance(_days_by_kind, Unset):
            days_by_kind = UNSET
        else:
            days_by_kind = ClockRuleDaysByKind.from_dict(_days_by_kind)

        _escalations = d.pop("escalations", UNSET)
        escalations: list[Escalation] | Unset = UNSET
        if _escalations is not UNSET:
            escalations = []
            for escalations_item_data in _escalations:
                escalations_item = Escalation.from_dict(escalations_item_data)

                escalations.append(escalations_item)

        clock_rule = cls(
            days=days,
            days_by_kind=days_by_kind,
            escalations=escalations,
        )

        return clock_rule
