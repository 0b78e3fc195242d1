from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.week import Week


T = TypeVar("T", bound="Weeks")


@_attrs_define
class Weeks:
    """`version` names where the hours come from.

    Attributes:
        ramadan (Week): Office hours of a week; they neither overlap nor run past midnight.
        regular (Week): Office hours of a week; they neither overlap nor run past midnight.
        version (str): Rises or changes with every change
    """

    ramadan: Week
    regular: Week
    version: str

    def to_dict(self) -> dict[str, Any]:
        ramadan = self.ramadan.to_dict()

        regular = self.regular.to_dict()

        version = self.version

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "ramadan": ramadan,
                "regular": regular,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.week import Week

        d = dict(src_dict)
        ramadan = Week.from_dict(d.pop("ramadan"))

        regular = Week.from_dict(d.pop("regular"))

        version = d.pop("version")

        weeks = cls(
            ramadan=ramadan,
            regular=regular,
            version=version,
        )

        return weeks
