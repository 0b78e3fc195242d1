from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.webhook_body_events_item import WebhookBodyEventsItem
from ..types import UNSET, Unset

T = TypeVar("T", bound="WebhookBody")


@_attrs_define
class WebhookBody:
    """A subscription; replaced whole.

    Attributes:
        url (str): Where events are posted: https, on a public address.
        contact (None | str | Unset): Who is told when the webhook is paused after failures: a recipient of the
            directory.
        events (list[WebhookBodyEventsItem] | Unset): Which events; none for all.
        kecamatan (list[str] | Unset): Of which kecamatan; none for all that the key may see.
    """

    url: str
    contact: None | str | Unset = UNSET
    events: list[WebhookBodyEventsItem] | Unset = UNSET
    kecamatan: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        contact: None | str | Unset
        if isinstance(self.contact, Unset):
            contact = UNSET
        else:
            contact = self.contact

        events: list[str] | Unset = UNSET
        if not isinstance(self.events, Unset):
            events = []
            for events_item_data in self.events:
                events_item = events_item_data.value
                events.append(events_item)

        kecamatan: list[str] | Unset = UNSET
        if not isinstance(self.kecamatan, Unset):
            kecamatan = self.kecamatan

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "url": url,
            }
        )
        if contact is not UNSET:
            field_dict["contact"] = contact
        if events is not UNSET:
            field_dict["events"] = events
        if kecamatan is not UNSET:
            field_dict["kecamatan"] = kecamatan

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        url = d.pop("url")

        def _parse_contact(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        contact = _parse_contact(d.pop("contact", UNSET))

        _events = d.pop("events", UNSET)
        events: list[WebhookBodyEventsItem] | Unset = UNSET
        if _events is not UNSET:
            events = []
            for events_item_data in _events:
                events_item = WebhookBodyEventsItem(events_item_data)

                events.append(events_item)

        kecamatan = cast(list[str], d.pop("kecamatan", UNSET))

        webhook_body = cls(
            url=url,
            contact=contact,
            events=events,
            kecamatan=kecamatan,
        )

        return webhook_body
