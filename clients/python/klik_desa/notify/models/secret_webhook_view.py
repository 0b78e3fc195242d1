from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.secret_webhook_view_state import SecretWebhookViewState

T = TypeVar("T", bound="SecretWebhookView")


@_attrs_define
class SecretWebhookView:
    """With the secret, which is shown this once.

    Attributes:
        attempts (int): Failed ones at the next event.
        contact (None | str): The recipient who is told when the webhook is paused
        created_at (datetime.datetime): When it was made
        delivered_at (datetime.datetime | None): The last time that the endpoint took an event.
        events (list[str]): The events that it is about
        failing_since (datetime.datetime | None): Since when every attempt has failed; null where the last one worked
        id (UUID): Its id
        kecamatan (list[str]): The kecamatan, as a code or with its name
        next_at (datetime.datetime | None): When that is tried again.
        old_secrets_until (datetime.datetime | None): Until when secrets that were rotated out sign as well.
        owner (str): The id of the key that made it.
        reason (None | str): Why it is paused: `by_owner`, `failing`, `gone`, `address_not_public`, `https_required` …;
            or
            what became of the owner's key: `key_revoked`, `key_expired`, `key_unknown`, `key_changed`.
        secret (str): For Standard Webhooks: `whsec_` and base64.
        state (SecretWebhookViewState): How it stands
        territory (None | str): The kecamatan of that key.
        url (str): The address
    """

    attempts: int
    contact: None | str
    created_at: datetime.datetime
    delivered_at: datetime.datetime | None
    events: list[str]
    failing_since: datetime.datetime | None
    id: UUID
    kecamatan: list[str]
    next_at: datetime.datetime | None
    old_secrets_until: datetime.datetime | None
    owner: str
    reason: None | str
    secret: str
    state: SecretWebhookViewState
    territory: None | str
    url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = self.attempts

        contact: None | str
        contact = self.contact

        created_at = self.created_at.isoformat()

        delivered_at: None | str
        if isinstance(self.delivered_at, datetime.datetime):
            delivered_at = self.delivered_at.isoformat()
        else:
            delivered_at = self.delivered_at

        events = self.events

        failing_since: None | str
        if isinstance(self.failing_since, datetime.datetime):
            failing_since = self.failing_since.isoformat()
        else:
            failing_since = self.failing_since

        id = str(self.id)

        kecamatan = self.kecamatan

        next_at: None | str
        if isinstance(self.next_at, datetime.datetime):
            next_at = self.next_at.isoformat()
        else:
            next_at = self.next_at

        old_secrets_until: None | str
        if isinstance(self.old_secrets_until, datetime.datetime):
            old_secrets_until = self.old_secrets_until.isoformat()
        else:
            old_secrets_until = self.old_secrets_until

        owner = self.owner

        reason: None | str
        reason = self.reason

        secret = self.secret

        state = self.state.value

        territory: None | str
        territory = self.territory

        url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts": attempts,
                "contact": contact,
                "created_at": created_at,
                "delivered_at": delivered_at,
                "events": events,
                "failing_since": failing_since,
                "id": id,
                "kecamatan": kecamatan,
                "next_at": next_at,
                "old_secrets_until": old_secrets_until,
                "owner": owner,
                "reason": reason,
                "secret": secret,
                "state": state,
                "territory": territory,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        attempts = d.pop("attempts")

        def _parse_contact(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        contact = _parse_contact(d.pop("contact"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_delivered_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                delivered_at_type_0 = datetime.datetime.fromisoformat(data)

                return delivered_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        delivered_at = _parse_delivered_at(d.pop("delivered_at"))

        events = cast(list[str], d.pop("events"))

        def _parse_failing_since(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                failing_since_type_0 = datetime.datetime.fromisoformat(data)

                return failing_since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        failing_since = _parse_failing_since(d.pop("failing_since"))

        id = UUID(d.pop("id"))

        kecamatan = cast(list[str], d.pop("kecamatan"))

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

        def _parse_old_secrets_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                old_secrets_until_type_0 = datetime.datetime.fromisoformat(data)

                return old_secrets_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        old_secrets_until = _parse_old_secrets_until(d.pop("old_secrets_until"))

        owner = d.pop("owner")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        secret = d.pop("secret")

        state = SecretWebhookViewState(d.pop("state"))

        def _parse_territory(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        territory = _parse_territory(d.pop("territory"))

        url = d.pop("url")

        secret_webhook_view = cls(
            attempts=attempts,
            contact=contact,
            created_at=created_at,
            delivered_at=delivered_at,
            events=events,
            failing_since=failing_since,
            id=id,
            kecamatan=kecamatan,
            next_at=next_at,
            old_secrets_until=old_secrets_until,
            owner=owner,
            reason=reason,
            secret=secret,
            state=state,
            territory=territory,
            url=url,
        )

        secret_webhook_view.additional_properties = d
        return secret_webhook_view

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
