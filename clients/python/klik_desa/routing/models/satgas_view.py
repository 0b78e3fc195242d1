from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.officer_view import OfficerView


T = TypeVar("T", bound="SatgasView")


@_attrs_define
class SatgasView:
    """A satgas: its roster and how its cases are spread.

    Attributes:
        camat (None | str): The recipient to whom overdue cases of this kecamatan are escalated
        code (str): A kecamatan, or `dpmd`.
        coordinator (None | str): The recipient who keeps this roster and answers for the satgas
        edition (int): Goes up with every new roster.
        name (str): Its name, as people read it
        officers (list[OfficerView]): Who is in the satgas
        turn (int): How many cases it has given out.
    """

    camat: None | str
    code: str
    coordinator: None | str
    edition: int
    name: str
    officers: list[OfficerView]
    turn: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        camat: None | str
        camat = self.camat

        code = self.code

        coordinator: None | str
        coordinator = self.coordinator

        edition = self.edition

        name = self.name

        officers = []
        for officers_item_data in self.officers:
            officers_item = officers_item_data.to_dict()
            officers.append(officers_item)

        turn = self.turn

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "camat": camat,
                "code": code,
                "coordinator": coordinator,
                "edition": edition,
                "name": name,
                "officers": officers,
                "turn": turn,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.officer_view import OfficerView

        d = dict(src_dict)

        def _parse_camat(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        camat = _parse_camat(d.pop("camat"))

        code = d.pop("code")

        def _parse_coordinator(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        coordinator = _parse_coordinator(d.pop("coordinator"))

        edition = d.pop("edition")

        name = d.pop("name")

        officers = []
        _officers = d.pop("officers")
        for officers_item_data in _officers:
            officers_item = OfficerView.from_dict(officers_item_data)

            officers.append(officers_item)

        turn = d.pop("turn")

        satgas_view = cls(
            camat=camat,
            code=code,
            coordinator=coordinator,
            edition=edition,
            name=name,
            officers=officers,
            turn=turn,
        )

        satgas_view.additional_properties = d
        return satgas_view

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
