from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.requester_view_contact_type_0 import RequesterViewContactType0


T = TypeVar("T", bound="RequesterView")


@_attrs_define
class RequesterView:
    """Name and contact only for the satgas, and not where the requester asked for anonymity.

    Attributes:
        role (str): What somebody is: see `/v1/reference/roles`
        role_name (str): The role's name, in the caller's language
        contact (None | RequesterViewContactType0 | Unset): How the requester can be reached
        name (None | str | Unset): The requester's name; null where they are anonymous or gave none
    """

    role: str
    role_name: str
    contact: None | RequesterViewContactType0 | Unset = UNSET
    name: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.requester_view_contact_type_0 import RequesterViewContactType0

        role = self.role

        role_name = self.role_name

        contact: dict[str, Any] | None | Unset
        if isinstance(self.contact, Unset):
            contact = UNSET
        elif isinstance(self.contact, RequesterViewContactType0):
            contact = self.contact.to_dict()
        else:
            contact = self.contact

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "role": role,
                "role_name": role_name,
            }
        )
        if contact is not UNSET:
            field_dict["contact"] = contact
        if name is not UNSET:
            field_dict["name"] = name

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.requester_view_contact_type_0 import RequesterViewContactType0

        d = dict(src_dict)
        role = d.pop("role")

        role_name = d.pop("role_name")

        def _parse_contact(data: object) -> None | RequesterViewContactType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                contact_type_0 = RequesterViewContactType0.from_dict(data)

                return contact_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RequesterViewContactType0 | Unset, data)

        contact = _parse_contact(d.pop("contact", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        requester_view = cls(
            role=role,
            role_name=role_name,
            contact=contact,
            name=name,
        )

        requester_view.additional_properties = d
        return requester_view

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
