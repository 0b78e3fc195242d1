from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.member import Member


T = TypeVar("T", bound="Members")


@_attrs_define
class Members:
    """
    Attributes:
        before (int): How many are on the pages before.
        count (int): Of all pages.
        ids (list[str]): The ids of the consultations
        next_ (None | str): `after` of the next page.
        of (str): The figure that is counted here
        previous (None | str): `after` of the page before, of as many; null where that is the first, or this one is.
        rows (list[Member] | None): Where `details` were asked for: the same consultations, in the same order.
    """

    before: int
    count: int
    ids: list[str]
    next_: None | str
    of: str
    previous: None | str
    rows: list[Member] | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        before = self.before

        count = self.count

        ids = self.ids

        next_: None | str
        next_ = self.next_

        of = self.of

        previous: None | str
        previous = self.previous

        rows: list[dict[str, Any]] | None
        if isinstance(self.rows, list):
            rows = []
            for rows_type_0_item_data in self.rows:
                rows_type_0_item = rows_type_0_item_data.to_dict()
                rows.append(rows_type_0_item)

        else:
            rows = self.rows

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "before": before,
                "count": count,
                "ids": ids,
                "next": next_,
                "of": of,
                "previous": previous,
                "rows": rows,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.member import Member

        d = dict(src_dict)
        before = d.pop("before")

        count = d.pop("count")

        ids = cast(list[str], d.pop("ids"))

        def _parse_next_(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_ = _parse_next_(d.pop("next"))

        of = d.pop("of")

        def _parse_previous(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        previous = _parse_previous(d.pop("previous"))

        def _parse_rows(data: object) -> list[Member] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                rows_type_0 = []
                _rows_type_0 = data
                for rows_type_0_item_data in _rows_type_0:
                    rows_type_0_item = Member.from_dict(rows_type_0_item_data)

                    rows_type_0.append(rows_type_0_item)

                return rows_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Member] | None, data)

        rows = _parse_rows(d.pop("rows"))

        members = cls(
            before=before,
            count=count,
            ids=ids,
            next_=next_,
            of=of,
            previous=previous,
            rows=rows,
        )

        members.additional_properties = d
        return members

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
