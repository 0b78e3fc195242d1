from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.recipient_body_language import RecipientBodyLanguage
from ..models.recipient_body_role import RecipientBodyRole
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.channel_body import ChannelBody


T = TypeVar("T", bound="RecipientBody")


@_attrs_define
class RecipientBody:
    """Somebody who can be told; replaced whole.

    Attributes:
        role (RecipientBodyRole): What the recipient is told as
        satgas (str): A kecamatan, or `dpmd`.
        channels (list[ChannelBody] | Unset): In the order in which they are tried.
        digest (bool | Unset): Whether a list of what is open comes on working mornings. Default: False.
        language (RecipientBodyLanguage | Unset): The language that the recipient reads: `id` or `en` Default:
            RecipientBodyLanguage.ID.
        quiet_hours (bool | Unset): Whether alerts wait for office hours; what reached camat or DPMD never does.
            Default: True.
    """

    role: RecipientBodyRole
    satgas: str
    channels: list[ChannelBody] | Unset = UNSET
    digest: bool | Unset = False
    language: RecipientBodyLanguage | Unset = RecipientBodyLanguage.ID
    quiet_hours: bool | Unset = True

    def to_dict(self) -> dict[str, Any]:
        role = self.role.value

        satgas = self.satgas

        channels: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.channels, Unset):
            channels = []
            for channels_item_data in self.channels:
                channels_item = channels_item_data.to_dict()
                channels.append(channels_item)

        digest = self.digest

        language: str | Unset = UNSET
        if not isinstance(self.language, Unset):
            language = self.language.value

        quiet_hours = self.quiet_hours

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "role": role,
                "satgas": satgas,
            }
        )
        if channels is not UNSET:
            field_dict["channels"] = channels
        if digest is not UNSET:
            field_dict["digest"] = digest
        if language is not UNSET:
            field_dict["language"] = language
        if quiet_hours is not UNSET:
            field_dict["quiet_hours"] = quiet_hours

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.channel_body import ChannelBody

        d = dict(src_dict)
        role = RecipientBodyRole(d.pop("role"))

        satgas = d.pop("satgas")

        _channels = d.pop("channels", UNSET)
        channels: list[ChannelBody] | Unset = UNSET
        if _channels is not UNSET:
            channels = []
            for channels_item_data in _channels:
                channels_item = ChannelBody.from_dict(channels_item_data)

                channels.append(channels_item)

        digest = d.pop("digest", UNSET)

        _language = d.pop("language", UNSET)
        language: RecipientBodyLanguage | Unset
        if isinstance(_language, Unset):
            language = UNSET
        else:
            language = RecipientBodyLanguage(_language)

        quiet_hours = d.pop("quiet_hours", UNSET)

        recipient_body = cls(
            role=role,
            satgas=satgas,
            channels=channels,
            digest=digest,
            language=language,
            quiet_hours=quiet_hours,
        )

        return recipient_body
