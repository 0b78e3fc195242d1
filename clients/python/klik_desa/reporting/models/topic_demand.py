from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TopicDemand")


@_attrs_define
class TopicDemand:
    """
    Attributes:
        count (int): How many there are
        topic (str): The topic: see `/v1/reference/topics`
        topic_name (str): The topic's name
    """

    count: int
    topic: str
    topic_name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        count = self.count

        topic = self.topic

        topic_name = self.topic_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "count": count,
                "topic": topic,
                "topic_name": topic_name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        count = d.pop("count")

        topic = d.pop("topic")

        topic_name = d.pop("topic_name")

        topic_demand = cls(
            count=count,
            topic=topic,
            topic_name=topic_name,
        )

        topic_demand.additional_properties = d
        return topic_demand

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
