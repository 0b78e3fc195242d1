from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.opt_out_body_channel import OptOutBodyChannel

T = TypeVar("T", bound="OptOutBody")


@_attrs_define
class OptOutBody:
    """Whose, by which channel, and whether messages are unwanted.

    Attributes:
        address (str): As it was given with the consultation, or another way to write the same. Only a keyed hash is
            kept.
        channel (OptOutBodyChannel): The way in or out, as a code: see `/v1/reference/channels`
        opted_out (bool): False: messages are wanted again.
    """

    address: str
    channel: OptOutBodyChannel
    opted_out: bool

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        channel = self.channel.value

        opted_out = self.opted_out

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "address": address,
                "channel": channel,
                "opted_out": opted_out,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        address = d.pop("address")

        channel = OptOutBodyChannel(d.pop("channel"))

        opted_out = d.pop("opted_out")

        opt_out_body = cls(
            address=address,
            channel=channel,
            opted_out=opted_out,
        )

        return opt_out_body
