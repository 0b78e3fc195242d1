from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="ContactsAsked")


@_attrs_define
class ContactsAsked:
    """
    Attributes:
        consultations (list[UUID]): Their ids; one that is given twice is answered once.
    """

    consultations: list[UUID]

    def to_dict(self) -> dict[str, Any]:
        consultations = []
        for consultations_item_data in self.consultations:
            consultations_item = str(consultations_item_data)
            consultations.append(consultations_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "consultations": consultations,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        consultations = []
        _consultations = d.pop("consultations")
        for consultations_item_data in _consultations:
            consultations_item = UUID(consultations_item_data)

            consultations.append(consultations_item)

        contacts_asked = cls(
            consultations=consultations,
        )

        return contacts_asked
