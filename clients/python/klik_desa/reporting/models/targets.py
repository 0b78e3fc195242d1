from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.targets_answer_days_by_kind import TargetsAnswerDaysByKind


T = TypeVar("T", bound="Targets")


@_attrs_define
class Targets:
    """Working days within which an answer is due.

    Attributes:
        answer_days (int): Working days within which the first answer is due
        answer_days_by_kind (TargetsAnswerDaysByKind): The same for kinds of consultation with a time of their own: kind
            → days
    """

    answer_days: int
    answer_days_by_kind: TargetsAnswerDaysByKind
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        answer_days = self.answer_days

        answer_days_by_kind = self.answer_days_by_kind.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "answer_days": answer_days,
                "answer_days_by_kind": answer_days_by_kind,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.targets_answer_days_by_kind import TargetsAnswerDaysByKind

        d = dict(src_dict)
        answer_days = d.pop("answer_days")

        answer_days_by_kind = TargetsAnswerDaysByKind.from_dict(
            d.pop("answer_days_by_kind")
        )

        targets = cls(
            answer_days=answer_days,
            answer_days_by_kind=answer_days_by_kind,
        )

        targets.additional_properties = d
        return targets

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
