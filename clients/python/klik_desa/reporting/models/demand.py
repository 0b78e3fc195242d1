from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.kecamatan_demand import KecamatanDemand
    from ..models.topic_demand import TopicDemand


T = TypeVar("T", bound="Demand")


@_attrs_define
class Demand:
    """
    Attributes:
        kecamatan (list[KecamatanDemand]): The kecamatan, as a code or with its name
        topics (list[TopicDemand]): Topics, as codes or with their figures
    """

    kecamatan: list[KecamatanDemand]
    topics: list[TopicDemand]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kecamatan = []
        for kecamatan_item_data in self.kecamatan:
            kecamatan_item = kecamatan_item_data.to_dict()
            kecamatan.append(kecamatan_item)

        topics = []
        for topics_item_data in self.topics:
            topics_item = topics_item_data.to_dict()
            topics.append(topics_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kecamatan": kecamatan,
                "topics": topics,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.kecamatan_demand import KecamatanDemand
        from ..models.topic_demand import TopicDemand

        d = dict(src_dict)
        kecamatan = []
        _kecamatan = d.pop("kecamatan")
        for kecamatan_item_data in _kecamatan:
            kecamatan_item = KecamatanDemand.from_dict(kecamatan_item_data)

            kecamatan.append(kecamatan_item)

        topics = []
        _topics = d.pop("topics")
        for topics_item_data in _topics:
            topics_item = TopicDemand.from_dict(topics_item_data)

            topics.append(topics_item)

        demand = cls(
            kecamatan=kecamatan,
            topics=topics,
        )

        demand.additional_properties = d
        return demand

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
