from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.contact_view import ContactView


T = TypeVar("T", bound="ContactsView")


@_attrs_define
class ContactsView:
    """
    Attributes:
        contacts (list[ContactView]): In no order; of those that left one.
        unreadable (list[UUID]): Of these it is kept, and cannot be decrypted: ask again when intake has its master key.
    """

    contacts: list[ContactView]
    unreadable: list[UUID]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        contacts = []
        for contacts_item_data in self.contacts:
            contacts_item = contacts_item_data.to_dict()
            contacts.append(contacts_item)

        unreadable = []
        for unreadable_item_data in self.unreadable:
            unreadable_item = str(unreadable_item_data)
            unreadable.append(unreadable_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "contacts": contacts,
                "unreadable": unreadable,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.contact_view import ContactView

        d = dict(src_dict)
        contacts = []
        _contacts = d.pop("contacts")
        for contacts_item_data in _contacts:
            contacts_item = ContactView.from_dict(contacts_item_data)

            contacts.append(contacts_item)

        unreadable = []
        _unreadable = d.pop("unreadable")
        for unreadable_item_data in _unreadable:
            unreadable_item = UUID(unreadable_item_data)

            unreadable.append(unreadable_item)

        contacts_view = cls(
            contacts=contacts,
            unreadable=unreadable,
        )

        contacts_view.additional_properties = d
        return contacts_view

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
