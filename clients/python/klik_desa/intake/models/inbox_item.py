from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.inbox_item_status import InboxItemStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.place import Place


T = TypeVar("T", bound="InboxItem")


@_attrs_define
class InboxItem:
    """One line of an inbox.

    Attributes:
        desa (Place):
        id (str): Its id
        kind (str): The kind of consultation: see `/v1/reference/kinds`
        kind_name (str): The kind's name, in the caller's language
        officer (None | str): The officer's code
        received_at (datetime.datetime): When intake received it
        satgas (None | str): The task force that has it: a kecamatan's code, or `dpmd`
        satgas_name (None | str): The satgas's name; null while nobody has it
        status (InboxItemStatus): How the consultation stands
        status_name (str): The state's name, in the caller's language
        submitted_at (datetime.datetime): When the requester sent it, by their device's clock
        ticket (str): Names the consultation to people: `KD-` and eight characters, the last one a check
        title (str): What it is about, 1 to 200 characters
        topic (str): The topic: see `/v1/reference/topics`
        topic_name (str): The topic's name
        answer_due (datetime.datetime | None | Unset): Until when the first answer is given; told with `order=due`
            alone.
    """

    desa: Place
    id: str
    kind: str
    kind_name: str
    officer: None | str
    received_at: datetime.datetime
    satgas: None | str
    satgas_name: None | str
    status: InboxItemStatus
    status_name: str
    submitted_at: datetime.datetime
    ticket: str
    title: str
    topic: str
    topic_name: str
    answer_due: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        desa = self.desa.to_dict()

        id = self.id

        kind = self.kind

        kind_name = self.kind_name

        officer: None | str
        officer = self.officer

        received_at = self.received_at.isoformat()

        satgas: None | str
        satgas = self.satgas

        satgas_name: None | str
        satgas_name = self.satgas_name

        status = self.status.value

        status_name = self.status_name

        submitted_at = self.submitted_at.isoformat()

        ticket = self.ticket

        title = self.title

        topic = self.topic

        topic_name = self.topic_name

        answer_due: None | str | Unset
        if isinstance(self.answer_due, Unset):
            answer_due = UNSET
        elif isinstance(self.answer_due, datetime.datetime):
            answer_due = self.answer_due.isoformat()
        else:
            answer_due = self.answer_due

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "desa": desa,
                "id": id,
                "kind": kind,
                "kind_name": kind_name,
                "officer": officer,
                "received_at": received_at,
                "satgas": satgas,
                "satgas_name": satgas_name,
                "status": status,
                "status_name": status_name,
                "submitted_at": submitted_at,
                "ticket": ticket,
                "title": title,
                "topic": topic,
                "topic_name": topic_name,
            }
        )
        if answer_due is not UNSET:
            field_dict["answer_due"] = answer_due

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.place import Place

        d = dict(src_dict)
        desa = Place.from_dict(d.pop("desa"))

        id = d.pop("id")

        kind = d.pop("kind")

        kind_name = d.pop("kind_name")

        def _parse_officer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        officer = _parse_officer(d.pop("officer"))

        received_at = datetime.datetime.fromisoformat(d.pop("received_at"))

        def _parse_satgas(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        satgas = _parse_satgas(d.pop("satgas"))

        def _parse_satgas_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        satgas_name = _parse_satgas_name(d.pop("satgas_name"))

        status = InboxItemStatus(d.pop("status"))

        status_name = d.pop("status_name")

        submitted_at = datetime.datetime.fromisoformat(d.pop("submitted_at"))

        ticket = d.pop("ticket")

        title = d.pop("title")

        topic = d.pop("topic")

        topic_name = d.pop("topic_name")

        def _parse_answer_due(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answer_due_type_0 = datetime.datetime.fromisoformat(data)

                return answer_due_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        answer_due = _parse_answer_due(d.pop("answer_due", UNSET))

        inbox_item = cls(
            desa=desa,
            id=id,
            kind=kind,
            kind_name=kind_name,
            officer=officer,
            received_at=received_at,
            satgas=satgas,
            satgas_name=satgas_name,
            status=status,
            status_name=status_name,
            submitted_at=submitted_at,
            ticket=ticket,
            title=title,
            topic=topic,
            topic_name=topic_name,
            answer_due=answer_due,
        )

        inbox_item.additional_properties = d
        return inbox_item

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
