from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.links import Links
    from ..models.notice import Notice


T = TypeVar("T", bound="BatchReceipt")


@_attrs_define
class BatchReceipt:
    """The receipt of one post of a batch, with the HTTP status of a single one.

    Attributes:
        id (UUID): Its id
        links (Links):
        pin (str): With the ticket it opens the consultation to the requester; shown here and never again
        received_at (datetime.datetime): When intake received it
        submitted_at (datetime.datetime): When the requester sent it, by their device's clock
        ticket (str): Names the consultation to people: `KD-` and eight characters, the last one a check
        token (str): The requester's, for this consultation alone: `Authorization: Bearer …`
        token_expires_at (datetime.datetime): Until when it works; then ticket and PIN give another one
        notice (None | Notice | Unset): For complaints: where else they can be taken
        status (Literal[202] | Unset): The HTTP status that a single post would have had Default: 202.
    """

    id: UUID
    links: Links
    pin: str
    received_at: datetime.datetime
    submitted_at: datetime.datetime
    ticket: str
    token: str
    token_expires_at: datetime.datetime
    notice: None | Notice | Unset = UNSET
    status: Literal[202] | Unset = 202
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.notice import Notice

        id = str(self.id)

        links = self.links.to_dict()

        pin = self.pin

        received_at = self.received_at.isoformat()

        submitted_at = self.submitted_at.isoformat()

        ticket = self.ticket

        token = self.token

        token_expires_at = self.token_expires_at.isoformat()

        notice: dict[str, Any] | None | Unset
        if isinstance(self.notice, Unset):
            notice = UNSET
        elif isinstance(self.notice, Notice):
            notice = self.notice.to_dict()
        else:
            notice = self.notice

        status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "links": links,
                "pin": pin,
                "received_at": received_at,
                "submitted_at": submitted_at,
                "ticket": ticket,
                "token": token,
                "token_expires_at": token_expires_at,
            }
        )
        if notice is not UNSET:
            field_dict["notice"] = notice
        if status is not UNSET:
            field_dict["status"] = status

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.links import Links
        from ..models.notice import Notice

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        links = Links.from_dict(d.pop("links"))

        pin = d.pop("pin")

        received_at = datetime.datetime.fromisoformat(d.pop("received_at"))

        submitted_at = datetime.datetime.fromisoformat(d.pop("submitted_at"))

        ticket = d.pop("ticket")

        token = d.pop("token")

        token_expires_at = datetime.datetime.fromisoformat(d.pop("token_expires_at"))

        def _parse_notice(data: object) -> None | Notice | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                notice_type_0 = Notice.from_dict(data)

                return notice_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Notice | Unset, data)

        notice = _parse_notice(d.pop("notice", UNSET))

        status = cast(Literal[202] | Unset, d.pop("status", UNSET))
        if status != 202 and not isinstance(status, Unset):
            raise ValueError(f"status must match const 202, got '{status}'")

        batch_receipt = cls(
            id=id,
            links=links,
            pin=pin,
            received_at=received_at,
            submitted_at=submitted_at,
            ticket=ticket,
            token=token,
            token_expires_at=token_expires_at,
            notice=notice,
            status=status,
        )

        batch_receipt.additional_properties = d
        return batch_receipt

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
