from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.alert_view_receipt_type_0 import AlertViewReceiptType0
from ..models.alert_view_recipient_kind import AlertViewRecipientKind
from ..models.alert_view_state import AlertViewState

if TYPE_CHECKING:
    from ..models.entry_view import EntryView
    from ..models.region import Region


T = TypeVar("T", bound="AlertView")


@_attrs_define
class AlertView:
    """One recipient of one event. Addresses are nowhere in it.

    Attributes:
        attempts (int): How often sending was tried
        cause (UUID): The cause's id.
        channel (None | str): The way in or out, as a code: see `/v1/reference/channels`
        consultation (None | UUID): The consultation's id
        created_at (datetime.datetime): When it was made
        event (str): The cause's name, or what is made of several: `digest`, `report.weekly` …
        id (str): Its id
        log (list[EntryView]): What happened to the alert, oldest first
        next_at (datetime.datetime | None): For what is not over: when it is looked at next.
        provider_id (None | str): What the provider knows the message by
        reason (None | str): Why it is not sent, not yet, or not going to be.
        receipt (AlertViewReceiptType0 | None): How far the provider reports that it came.
        recipient (str): Who is told: an id in the directory, or `requester`
        recipient_kind (AlertViewRecipientKind): As what they are told
        region (None | Region): Where it is about
        rule (str): Why this recipient: `has_the_case`, `nobody_has_the_case`, `escalated_to`, `asked` …
        satgas (None | str): The task force that has it: a kecamatan's code, or `dpmd`
        sent_at (datetime.datetime | None): When it was sent; null before that
        state (AlertViewState): How it stands
        state_name (str): The same, in the caller's language.
    """

    attempts: int
    cause: UUID
    channel: None | str
    consultation: None | UUID
    created_at: datetime.datetime
    event: str
    id: str
    log: list[EntryView]
    next_at: datetime.datetime | None
    provider_id: None | str
    reason: None | str
    receipt: AlertViewReceiptType0 | None
    recipient: str
    recipient_kind: AlertViewRecipientKind
    region: None | Region
    rule: str
    satgas: None | str
    sent_at: datetime.datetime | None
    state: AlertViewState
    state_name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.region import Region

        attempts = self.attempts

        cause = str(self.cause)

        channel: None | str
        channel = self.channel

        consultation: None | str
        if isinstance(self.consultation, UUID):
            consultation = str(self.consultation)
        else:
            consultation = self.consultation

        created_at = self.created_at.isoformat()

        event = self.event

        id = self.id

        log = []
        for log_item_data in self.log:
            log_item = log_item_data.to_dict()
            log.append(log_item)

        next_at: None | str
        if isinstance(self.next_at, datetime.datetime):
            next_at = self.next_at.isoformat()
        else:
            next_at = self.next_at

        provider_id: None | str
        provider_id = self.provider_id

        reason: None | str
        reason = self.reason

        receipt: None | str
        if isinstance(self.receipt, AlertViewReceiptType0):
            receipt = self.receipt.value
        else:
            receipt = self.receipt

        recipient = self.recipient

        recipient_kind = self.recipient_kind.value

        region: dict[str, Any] | None
        if isinstance(self.region, Region):
            region = self.region.to_dict()
        else:
            region = self.region

        rule = self.rule

        satgas: None | str
        satgas = self.satgas

        sent_at: None | str
        if isinstance(self.sent_at, datetime.datetime):
            sent_at = self.sent_at.isoformat()
        else:
            sent_at = self.sent_at

        state = self.state.value

        state_name = self.state_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts": attempts,
                "cause": cause,
                "channel": channel,
                "consultation": consultation,
                "created_at": created_at,
                "event": event,
                "id": id,
                "log": log,
                "next_at": next_at,
                "provider_id": provider_id,
                "reason": reason,
                "receipt": receipt,
                "recipient": recipient,
                "recipient_kind": recipient_kind,
                "region": region,
                "rule": rule,
                "satgas": satgas,
                "sent_at": sent_at,
                "state": state,
                "state_name": state_name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.entry_view import EntryView
        from ..models.region import Region

        d = dict(src_dict)
        attempts = d.pop("attempts")

        cause = UUID(d.pop("cause"))

        def _parse_channel(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        channel = _parse_channel(d.pop("channel"))

        def _parse_consultation(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                consultation_type_0 = UUID(data)

                return consultation_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        consultation = _parse_consultation(d.pop("consultation"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        event = d.pop("event")

        id = d.pop("id")

        log = []
        _log = d.pop("log")
        for log_item_data in _log:
            log_item = EntryView.from_dict(log_item_data)

            log.append(log_item)

        def _parse_next_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_at = _parse_next_at(d.pop("next_at"))

        def _parse_provider_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        provider_id = _parse_provider_id(d.pop("provider_id"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_receipt(data: object) -> AlertViewReceiptType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                receipt_type_0 = AlertViewReceiptType0(data)

                return receipt_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AlertViewReceiptType0 | None, data)

        receipt = _parse_receipt(d.pop("receipt"))

        recipient = d.pop("recipient")

        recipient_kind = AlertViewRecipientKind(d.pop("recipient_kind"))

        def _parse_region(data: object) -> None | Region:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                region_type_0 = Region.from_dict(data)

                return region_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Region, data)

        region = _parse_region(d.pop("region"))

        rule = d.pop("rule")

        def _parse_satgas(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        satgas = _parse_satgas(d.pop("satgas"))

        def _parse_sent_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sent_at_type_0 = datetime.datetime.fromisoformat(data)

                return sent_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        sent_at = _parse_sent_at(d.pop("sent_at"))

        state = AlertViewState(d.pop("state"))

        state_name = d.pop("state_name")

        alert_view = cls(
            attempts=attempts,
            cause=cause,
            channel=channel,
            consultation=consultation,
            created_at=created_at,
            event=event,
            id=id,
            log=log,
            next_at=next_at,
            provider_id=provider_id,
            reason=reason,
            receipt=receipt,
            recipient=recipient,
            recipient_kind=recipient_kind,
            region=region,
            rule=rule,
            satgas=satgas,
            sent_at=sent_at,
            state=state,
            state_name=state_name,
        )

        alert_view.additional_properties = d
        return alert_view

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
