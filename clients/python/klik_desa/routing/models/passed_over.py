from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.passed_over_reason import PassedOverReason

T = TypeVar("T", bound="PassedOver")


@_attrs_define
class PassedOver:
    """An officer who could not take a case, and why.

    Attributes:
        officer (str): The officer's code
        reason (PassedOverReason): Why: a code, or what decided it
    """

    officer: str
    reason: PassedOverReason
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        officer = self.officer

        reason = self.reason.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "officer": officer,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        officer = d.pop("officer")

        reason = PassedOverReason(d.pop("reason"))

        passed_over = cls(
            officer=officer,
            reason=reason,
        )

        passed_over.additional_properties = d
        return passed_over

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
