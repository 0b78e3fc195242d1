from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.track_view_status import TrackViewStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.message_view import MessageView
    from ..models.notice import Notice
    from ..models.place import Place
    from ..models.track_entry import TrackEntry


T = TypeVar("T", bound="TrackView")


@_attrs_define
class TrackView:
    """What the requester sees: where it is, nobody's name.

    Attributes:
        assigned_at (datetime.datetime | None): When a satgas got it; null before that
        desa (Place):
        kecamatan (Place):
        messages (list[MessageView]): The conversation, oldest first
        received_at (datetime.datetime): When intake received it
        status (TrackViewStatus): How the consultation stands
        status_name (str): The state's name, in the caller's language
        submitted_at (datetime.datetime): When the requester sent it, by their device's clock
        ticket (str): Names the consultation to people: `KD-` and eight characters, the last one a check
        timeline (list[TrackEntry]): What happened, oldest first
        topic (str): The topic: see `/v1/reference/topics`
        topic_name (str): The topic's name
        answer_due (datetime.datetime | None | Unset): Until when the first answer is given; absent once there is one,
            or while it pauses.
        notice (None | Notice | Unset): For complaints: where else they can be taken
    """

    assigned_at: datetime.datetime | None
    desa: Place
    kecamatan: Place
    messages: list[MessageView]
    received_at: datetime.datetime
    status: TrackViewStatus
    status_name: str
    submitted_at: datetime.datetime
    ticket: str
    timeline: list[TrackEntry]
    topic: str
    topic_name: str
    answer_due: datetime.datetime | None | Unset = UNSET
    notice: None | Notice | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.notice import Notice

        assigned_at: None | str
        if isinstance(self.assigned_at, datetime.datetime):
            assigned_at = self.assigned_at.isoformat()
        else:
            assigned_at = self.assigned_at

        desa = self.desa.to_dict()

        kecamatan = self.kecamatan.to_dict()

        messages = []
        for messages_item_data in self.messages:
            messages_item = messages_item_data.to_dict()
            messages.append(messages_item)

        received_at = self.received_at.isoformat()

        status = self.status.value

        status_name = self.status_name

        submitted_at = self.submitted_at.isoformat()

        ticket = self.ticket

        timeline = []
        for timeline_item_data in self.timeline:
            timeline_item = timeline_item_data.to_dict()
            timeline.append(timeline_item)

        topic = self.topic

        topic_name = self.topic_name

        answer_due: None | str | Unset
        if isinstance(self.answer_due, Unset):
            answer_due = UNSET
        elif isinstance(self.answer_due, datetime.datetime):
            answer_due = self.answer_due.isoformat()
        else:
            answer_due = self.answer_due

        notice: dict[str, Any] | None | Unset
        if isinstance(self.notice, Unset):
            notice = UNSET
        elif isinstance(self.notice, Notice):
            notice = self.notice.to_dict()
        else:
            notice = self.notice

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "assigned_at": assigned_at,
                "desa": desa,
                "kecamatan": kecamatan,
                "messages": messages,
                "received_at": received_at,
                "status": status,
                "status_name": status_name,
                "submitted_at": submitted_at,
                "ticket": ticket,
                "timeline": timeline,
                "topic": topic,
                "topic_name": topic_name,
            }
        )
        if answer_due is not UNSET:
            field_dict["answer_due"] = answer_due
        if notice is not UNSET:
            field_dict["notice"] = notice

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.message_view import MessageView
        from ..models.notice import Notice
        from ..models.place import Place
        from ..models.track_entry import TrackEntry

        d = dict(src_dict)

        def _parse_assigned_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                assigned_at_type_0 = datetime.datetime.fromisoformat(data)

                return assigned_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        assigned_at = _parse_assigned_at(d.pop("assigned_at"))

        desa = Place.from_dict(d.pop("desa"))

        kecamatan = Place.from_dict(d.pop("kecamatan"))

        messages = []
        _messages = d.pop("messages")
        for messages_item_data in _messages:
            messages_item = MessageView.from_dict(messages_item_data)

            messages.append(messages_item)

        received_at = datetime.datetime.fromisoformat(d.pop("received_at"))

        status = TrackViewStatus(d.pop("status"))

        status_name = d.pop("status_name")

        submitted_at = datetime.datetime.fromisoformat(d.pop("submitted_at"))

        ticket = d.pop("ticket")

        timeline = []
        _timeline = d.pop("timeline")
        for timeline_item_data in _timeline:
            timeline_item = TrackEntry.from_dict(timeline_item_data)

            timeline.append(timeline_item)

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

        track_view = cls(
            assigned_at=assigned_at,
            desa=desa,
            kecamatan=kecamatan,
            messages=messages,
            received_at=received_at,
            status=status,
            status_name=status_name,
            submitted_at=submitted_at,
            ticket=ticket,
            timeline=timeline,
            topic=topic,
            topic_name=topic_name,
            answer_due=answer_due,
            notice=notice,
        )

        track_view.additional_properties = d
        return track_view

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
