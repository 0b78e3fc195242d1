from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.contact_view_channel import ContactViewChannel

T = TypeVar("T", bound="ContactView")


@_attrs_define
class ContactView:
    """How a requester is reached, and what an alert to them may name.

    Attributes:
        address (str): E-mail address, telephone number or chat id, as the channel needs it
        anonymous (bool): The satgas is not shown the contact; the requester is told all the same.
        channel (ContactViewChannel): The way in or out, as a code: see `/v1/reference/channels`
        consultation (UUID): The consultation's id
        link_expires_at (datetime.datetime | None): Until when `link_token` does.
        link_token (None | str): Opens the page of this consultation for some days, in the link of an alert: it goes to
            the
            requester alone. None of what was withdrawn or rejected, which ticket and PIN alone open.
        ticket (str): Names the consultation to people: `KD-` and eight characters, the last one a check
    """

    address: str
    anonymous: bool
    channel: ContactViewChannel
    consultation: UUID
    link_expires_at: datetime.datetime | None
    link_token: None | str
    ticket: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        anonymous = self.anonymous

        channel = self.channel.value

        consultation = str(self.consultation)

        link_expires_at: None | str
        if isinstance(self.link_expires_at, datetime.datetime):
            link_expires_at = self.link_expires_at.isoformat()
        else:
            link_expires_at = self.link_expires_at

        link_token: None | str
        link_token = self.link_token

        ticket = self.ticket

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "address": address,
                "anonymous": anonymous,
                "channel": channel,
                "consultation": consultation,
                "link_expires_at": link_expires_at,
                "link_token": link_token,
                "ticket": ticket,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        address = d.pop("address")

        anonymous = d.pop("anonymous")

        channel = ContactViewChannel(d.pop("channel"))

        consultation = UUID(d.pop("consultation"))

        def _parse_link_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                link_expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return link_expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        link_expires_at = _parse_link_expires_at(d.pop("link_expires_at"))

        def _parse_link_token(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        link_token = _parse_link_token(d.pop("link_token"))

        ticket = d.pop("ticket")

        contact_view = cls(
            address=address,
            anonymous=anonymous,
            channel=channel,
            consultation=consultation,
            link_expires_at=link_expires_at,
            link_token=link_token,
            ticket=ticket,
        )

        contact_view.additional_properties = d
        return contact_view

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
