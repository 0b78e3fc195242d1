from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ChannelBody")


@_attrs_define
class ChannelBody:
    """
    Attributes:
        address (str): Of an e-mail, a number as people write them, or the id or name of a Telegram chat; shown in
            its one form, `+6281255551234`.
        channel (str): `email`, `whatsapp`, `telegram` …: one without a sender here is passed over.
    """

    address: str
    channel: str

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        channel = self.channel

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

        channel = d.pop("channel")

        channel_body = cls(
            address=address,
            channel=channel,
        )

        return channel_body
