from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.officer_body import OfficerBody


T = TypeVar("T", bound="RosterBody")


@_attrs_define
class RosterBody:
    """The whole roster: what is left out is as if it had never been there.

    Attributes:
        officers (list[OfficerBody]): In the order in which the round robin goes round.
        camat (None | str | Unset): Is told when a case is late; is dealt none.
        coordinator (None | str | Unset): One of the officers; gets what nobody else can take.
    """

    officers: list[OfficerBody]
    camat: None | str | Unset = UNSET
    coordinator: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        officers = []
        for officers_item_data in self.officers:
            officers_item = officers_item_data.to_dict()
            officers.append(officers_item)

        camat: None | str | Unset
        if isinstance(self.camat, Unset):
            camat = UNSET
        else:
            camat = self.camat

        coordinator: None | str | Unset
        if isinstance(self.coordinator, Unset):
            coordinator = UNSET
        else:
            coordinator = self.coordinator

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "officers": officers,
            }
        )
        if camat is not UNSET:
            field_dict["camat"] = camat
        if coordinator is not UNSET:
            field_dict["coordinator"] = coordinator

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.officer_body import OfficerBody

        d = dict(src_dict)
        officers = []
        _officers = d.pop("officers")
        for officers_item_data in _officers:
            officers_item = OfficerBody.from_dict(officers_item_data)

            officers.append(officers_item)

        def _parse_camat(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        camat = _parse_camat(d.pop("camat", UNSET))

        def _parse_coordinator(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        coordinator = _parse_coordinator(d.pop("coordinator", UNSET))

        roster_body = cls(
            officers=officers,
            camat=camat,
            coordinator=coordinator,
        )

        return roster_body
