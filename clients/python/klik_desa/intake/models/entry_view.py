from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.entry_view_actor_type_0 import EntryViewActorType0
from ..types import UNSET, Unset

T = TypeVar("T", bound="EntryView")


@_attrs_define
class EntryView:
    """One line of the timeline: an event's name, when, and which side did it.

    Only the satgas is told `by` whom, and the `detail`: a clock, a level or a reason.

        Attributes:
            actor (EntryViewActorType0 | None): Who did it: `requester`, `officer`, `system`
            at (datetime.datetime): When it happened
            what (str): What happened, as a code
            what_name (str): What happened, in the caller's language
            by (None | str | Unset): Who did it: an officer's code; null for requesters and the system
            detail (None | str | Unset): More about it, as a code
            detail_name (None | str | Unset): More about it, in the caller's language
    """

    actor: EntryViewActorType0 | None
    at: datetime.datetime
    what: str
    what_name: str
    by: None | str | Unset = UNSET
    detail: None | str | Unset = UNSET
    detail_name: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        actor: None | str
        if isinstance(self.actor, EntryViewActorType0):
            actor = self.actor.value
        else:
            actor = self.actor

        at = self.at.isoformat()

        what = self.what

        what_name = self.what_name

        by: None | str | Unset
        if isinstance(self.by, Unset):
            by = UNSET
        else:
            by = self.by

        detail: None | str | Unset
        if isinstance(self.detail, Unset):
            detail = UNSET
        else:
            detail = self.detail

        detail_name: None | str | Unset
        if isinstance(self.detail_name, Unset):
            detail_name = UNSET
        else:
            detail_name = self.detail_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actor": actor,
                "at": at,
                "what": what,
                "what_name": what_name,
            }
        )
        if by is not UNSET:
            field_dict["by"] = by
        if detail is not UNSET:
            field_dict["detail"] = detail
        if detail_name is not UNSET:
            field_dict["detail_name"] = detail_name

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_actor(data: object) -> EntryViewActorType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                actor_type_0 = EntryViewActorType0(data)

                return actor_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EntryViewActorType0 | None, data)

        actor = _parse_actor(d.pop("actor"))

        at = datetime.datetime.fromisoformat(d.pop("at"))

        what = d.pop("what")

        what_name = d.pop("what_name")

        def _parse_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        by = _parse_by(d.pop("by", UNSET))

        def _parse_detail(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        detail = _parse_detail(d.pop("detail", UNSET))

        def _parse_detail_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        detail_name = _parse_detail_name(d.pop("detail_name", UNSET))

        entry_view = cls(
            actor=actor,
            at=at,
            what=what,
            what_name=what_name,
            by=by,
            detail=detail,
            detail_name=detail_name,
        )

        entry_view.additional_properties = d
        return entry_view

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
