from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.contact_channel import ContactChannel

T = TypeVar("T", bound="Contact")


@_attrs_define
class Contact:
    """One way to reach the requester. Encrypted at rest; nobody but the satgas is told.

    Attributes:
        address (str): An e-mail address; a number as people write them, of a mobile for `whatsapp`; the id or name
            of a Telegram chat.
        channel (ContactChannel): The way in or out, as a code: see `/v1/reference/channels`
    """

    address: str
    channel: ContactChannel

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        channel = self.channel.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "address": address,
                "channel": channel,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        address = d.pop("address")

        channel = ContactChannel(d.pop("channel"))

        contact = cls(
            address=address,
            channel=channel,
        )

        return contact
