from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.demand import Demand


T = TypeVar("T", bound="Demands")


@_attrs_define
class Demands:
    """Requests for training, and for information on programmes.

    Attributes:
        information (Demand):
        training (Demand):
    """

    information: Demand
    training: Demand
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        information = self.information.to_dict()

        training = self.training.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "information": information,
                "training": training,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.demand import Demand

        d = dict(src_dict)
        information = Demand.from_dict(d.pop("information"))

        training = Demand.from_dict(d.pop("training"))

        demands = cls(
            information=information,
            training=training,
        )

        demands.additional_properties = d
        return demands

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
