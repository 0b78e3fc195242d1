from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.inbox_item import InboxItem
    from ..models.inbox_view_counts import InboxViewCounts


T = TypeVar("T", bound="InboxView")


@_attrs_define
class InboxView:
    """
    Attributes:
        counts (InboxViewCounts): By status, over all pages and whatever `status` was asked for.
        items (list[InboxItem]): The list, in order
        next_ (None | str): The `cursor` of the next page.
        searched (int | None | Unset): With `q`: how many were looked through for this page.
    """

    counts: InboxViewCounts
    items: list[InboxItem]
    next_: None | str
    searched: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        counts = self.counts.to_dict()

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        next_: None | str
        next_ = self.next_

        searched: int | None | Unset
        if isinstance(self.searched, Unset):
            searched = UNSET
        else:
            searched = self.searched

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "counts": counts,
                "items": items,
                "next": next_,
            }
        )
        if searched is not UNSET:
            field_dict["searched"] = searched

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.inbox_item import InboxItem
        from ..models.inbox_view_counts import InboxViewCounts

        d = dict(src_dict)
        counts = InboxViewCounts.from_dict(d.pop("counts"))

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = InboxItem.from_dict(items_item_data)

            items.append(items_item)

        def _parse_next_(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_ = _parse_next_(d.pop("next"))

        def _parse_searched(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        searched = _parse_searched(d.pop("searched", UNSET))

        inbox_view = cls(
            counts=counts,
            items=items,
            next_=next_,
            searched=searched,
        )

        inbox_view.additional_properties = d
        return inbox_view

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
