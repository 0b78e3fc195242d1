from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.reference_name import ReferenceName
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.reference_view_aliases_type_0 import ReferenceViewAliasesType0
    from ..models.reference_view_items_item import ReferenceViewItemsItem


T = TypeVar("T", bound="ReferenceView")


@_attrs_define
class ReferenceView:
    """
    Attributes:
        items (list[ReferenceViewItemsItem]): The list, in order
        name (ReferenceName):
        version (str): Rises or changes with every change
        aliases (None | ReferenceViewAliasesType0 | Unset): For regions: superseded code → today's.
    """

    items: list[ReferenceViewItemsItem]
    name: ReferenceName
    version: str
    aliases: None | ReferenceViewAliasesType0 | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.reference_view_aliases_type_0 import ReferenceViewAliasesType0

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        name = self.name.value

        version = self.version

        aliases: dict[str, Any] | None | Unset
        if isinstance(self.aliases, Unset):
            aliases = UNSET
        elif isinstance(self.aliases, ReferenceViewAliasesType0):
            aliases = self.aliases.to_dict()
        else:
            aliases = self.aliases

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "items": items,
                "name": name,
                "version": version,
            }
        )
        if aliases is not UNSET:
            field_dict["aliases"] = aliases

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.reference_view_aliases_type_0 import ReferenceViewAliasesType0
        from ..models.reference_view_items_item import ReferenceViewItemsItem

        d = dict(src_dict)
        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = ReferenceViewItemsItem.from_dict(items_item_data)

            items.append(items_item)

        name = ReferenceName(d.pop("name"))

        version = d.pop("version")

        def _parse_aliases(data: object) -> None | ReferenceViewAliasesType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                aliases_type_0 = ReferenceViewAliasesType0.from_dict(data)

                return aliases_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReferenceViewAliasesType0 | Unset, data)

        aliases = _parse_aliases(d.pop("aliases", UNSET))

        reference_view = cls(
            items=items,
            name=name,
            version=version,
            aliases=aliases,
        )

        reference_view.additional_properties = d
        return reference_view

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
