from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.escalation_reason import EscalationReason

T = TypeVar("T", bound="Escalation")


@_attrs_define
class Escalation:
    """Why the DPMD desk should take it over.

    Attributes:
        reason (EscalationReason): Why: a code, or what decided it
    """

    reason: EscalationReason

    def to_dict(self) -> dict[str, Any]:
        reason = self.reason.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        reason = EscalationReason(d.pop("reason"))

        escalation = cls(
            reason=reason,
        )

        return escalation
