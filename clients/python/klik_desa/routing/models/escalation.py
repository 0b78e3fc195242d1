from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.escalation_to import EscalationTo

T = TypeVar("T", bound="Escalation")


@_attrs_define
class Escalation:
    """At `percent` of a clock's time the person at `to` is told.

    Attributes:
        percent (int): Share of a deadline's time after which it happens; 100 is the deadline
        to (EscalationTo): Who gets it: a kecamatan's code, or `dpmd`
    """

    percent: int
    to: EscalationTo

    def to_dict(self) -> dict[str, Any]:
        percent = self.percent

        to = self.to.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "percent": percent,
                "to": to,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        percent = d.pop("percent")

        to = EscalationTo(d.pop("to"))

        escalation = cls(
            percent=percent,
            to=to,
        )

        return escalation
