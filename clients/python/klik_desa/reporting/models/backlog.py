from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.age import Age


T = TypeVar("T", bound="Backlog")


@_attrs_define
class Backlog:
    """
    Attributes:
        ages (list[Age]): Open consultations by how long they have been waiting
        oldest_days (int | None): Days that the oldest open one has been waiting; null where none is open
        open_ (int): Consultations that are open
    """

    ages: list[Age]
    oldest_days: int | None
    open_: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ages = []
        for ages_item_data in self.ages:
            ages_item = ages_item_data.to_dict()
            ages.append(ages_item)

        oldest_days: int | None
        oldest_days = self.oldest_days

        open_ = self.open_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ages": ages,
                "oldest_days": oldest_days,
                "open": open_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.age import Age

        d = dict(src_dict)
        ages = []
        _ages = d.pop("ages")
        for ages_item_data in _ages:
            ages_item = Age.from_dict(ages_item_data)

            ages.append(ages_item)

        def _parse_oldest_days(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        oldest_days = _parse_oldest_days(d.pop("oldest_days"))

        open_ = d.pop("open")

        backlog = cls(
            ages=ages,
            oldest_days=oldest_days,
            open_=open_,
        )

        backlog.additional_properties = d
        return backlog

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
