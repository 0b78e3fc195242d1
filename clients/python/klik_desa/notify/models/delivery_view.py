from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.delivery_view_result import DeliveryViewResult

T = TypeVar("T", bound="DeliveryView")


@_attrs_define
class DeliveryView:
    """
    Attributes:
        at (datetime.datetime): When it happened
        event (UUID): The event's id, which is the `webhook-id`.
        milliseconds (int): How long it took
        number (int): Which attempt at this event, from 1.
        reason (None | str): Why: a code, or what decided it
        result (DeliveryViewResult): `failed`: it is tried again; `given_up`: after the last attempt; `refused`: trying
            again
            cannot help, the webhook is paused.
        status (int | None): The endpoint's HTTP status; null where it gave none
        type_ (str): What it is, as a code
    """

    at: datetime.datetime
    event: UUID
    milliseconds: int
    number: int
    reason: None | str
    result: DeliveryViewResult
    status: int | None
    type_: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        event = str(self.event)

        milliseconds = self.milliseconds

        number = self.number

        reason: None | str
        reason = self.reason

        result = self.result.value

        status: int | None
        status = self.status

        type_ = self.type_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "event": event,
                "milliseconds": milliseconds,
                "number": number,
                "reason": reason,
                "result": result,
                "status": status,
                "type": type_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        event = UUID(d.pop("event"))

        milliseconds = d.pop("milliseconds")

        number = d.pop("number")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        result = DeliveryViewResult(d.pop("result"))

        def _parse_status(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        status = _parse_status(d.pop("status"))

        type_ = d.pop("type")

        delivery_view = cls(
            at=at,
            event=event,
            milliseconds=milliseconds,
            number=number,
            reason=reason,
            result=result,
            status=status,
            type_=type_,
        )

        delivery_view.additional_properties = d
        return delivery_view

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
