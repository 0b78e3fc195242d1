from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.batch_batch_item import BatchBatchItem


T = TypeVar("T", bound="Batch")


@_attrs_define
class Batch:
    """Each item is judged by itself, so that one bad post does not keep the others.

    Attributes:
        items (list[BatchBatchItem]): The list, in order
    """

    items: list[BatchBatchItem]

    def to_dict(self) -> dict[str, Any]:
        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "items": items,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.batch_batch_item import BatchBatchItem

        d = dict(src_dict)
        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = BatchBatchItem.from_dict(items_item_data)

            items.append(items_item)

        batch = cls(
            items=items,
        )

        return batch
