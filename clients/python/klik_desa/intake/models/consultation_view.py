from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.consultation_view_level_type_0 import ConsultationViewLevelType0
from ..models.consultation_view_possible_item import ConsultationViewPossibleItem
from ..models.consultation_view_status import ConsultationViewStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.entry_view import EntryView
    from ..models.message_view import MessageView
    from ..models.place import Place
    from ..models.requester_view import RequesterView


T = TypeVar("T", bound="ConsultationView")


@_attrs_define
class ConsultationView:
    """
    Attributes:
        anonymous (bool): Whether the satgas sees neither name nor contact
        assigned_at (datetime.datetime | None): When a satgas got it; null before that
        body (str): The text of the consultation, 1 to 8,000 characters
        channel (str): The way in or out, as a code: see `/v1/reference/channels`
        channel_name (str): The channel's name, in the caller's language
        complete (bool): False where `messages` and `timeline` have only the latest; read the consultation for all
        desa (Place):
        erased (bool): Whether its words, and who asked, were erased: nobody can read them any more
        held_reason (None | str): Why nobody has it; null where somebody does
        held_reason_name (None | str): Why nobody has it, in the caller's language
        id (str): Its id
        kecamatan (Place):
        kind (str): The kind of consultation: see `/v1/reference/kinds`
        kind_name (str): The kind's name, in the caller's language
        messages (list[MessageView]): The conversation, oldest first
        officer (None | str): The officer's code
        possible (list[ConsultationViewPossibleItem]): The moves that may be made now
        rating (int | None): 1 (bad) to 5 (good); null where nobody rated
        rating_comment (None | str): What the requester said with the rating
        received_at (datetime.datetime): When intake received it
        requester (RequesterView): Name and contact only for the satgas, and not where the requester asked for
            anonymity.
        satgas (None | str): The task force that has it: a kecamatan's code, or `dpmd`
        satgas_name (None | str): The satgas's name; null while nobody has it
        sdgs_goal (int | None): The SDGs Desa goal that it serves, 1 to 18; null where none is known
        status (ConsultationViewStatus): How the consultation stands
        status_name (str): The state's name, in the caller's language
        submitted_at (datetime.datetime): When the requester sent it, by their device's clock
        ticket (str): Names the consultation to people: `KD-` and eight characters, the last one a check
        timeline (list[EntryView]): What happened, oldest first
        title (str): What it is about, 1 to 200 characters
        topic (str): The topic: see `/v1/reference/topics`
        topic_name (str): The topic's name
        version (int): Rises or changes with every change
        vulnerable_group (bool | None): Whether the matter is about poor or vulnerable people; null where nobody said
        level (ConsultationViewLevelType0 | None | Unset): Who has it: the satgas's `officer`, or the desk of `dpmd`
    """

    anonymous: bool
    assigned_at: datetime.datetime | None
    body: str
    channel: str
    channel_name: str
    complete: bool
    desa: Place
    erased: bool
    held_reason: None | str
    held_reason_name: None | str
    id: str
    kecamatan: Place
    kind: str
    kind_name: str
    messages: list[MessageView]
    officer: None | str
    possible: list[ConsultationViewPossibleItem]
    rating: int | None
    rating_comment: None | str
    received_at: datetime.datetime
    requester: RequesterView
    satgas: None | str
    satgas_name: None | str
    sdgs_goal: int | None
    status: ConsultationViewStatus
    status_name: str
    submitted_at: datetime.datetime
    ticket: str
    timeline: list[EntryView]
    title: str
    topic: str
    topic_name: str
    version: int
    vulnerable_group: bool | None
    level: ConsultationViewLevelType0 | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        anonymous = self.anonymous

        assigned_at: None | str
        if isinstance(self.assigned_at, datetime.datetime):
            assigned_at = self.assigned_at.isoformat()
        else:
            assigned_at = self.assigned_at

        body = self.body

        channel = self.channel

        channel_name = self.channel_name

        complete = self.complete

        desa = self.desa.to_dict()

        erased = self.erased

        held_reason: None | str
        held_reason = self.held_reason

        held_reason_name: None | str
        held_reason_name = self.held_reason_name

        id = self.id

        kecamatan = self.kecamatan.to_dict()

        kind = self.kind

        kind_name = self.kind_name

        messages = []
        for messages_item_data in self.messages:
            messages_item = messages_item_data.to_dict()
            messages.append(messages_item)

        officer: None | str
        officer = self.officer

        possible = []
        for possible_item_data in self.possible:
            possible_item = possible_item_data.value
            possible.append(possible_item)

        rating: int | None
        rating = self.rating

        rating_comment: None | str
        rating_comment = self.rating_comment

        received_at = self.received_at.isoformat()

        requester = self.requester.to_dict()

        satgas: None | str
        satgas = self.satgas

        satgas_name: None | str
        satgas_name = self.satgas_name

        sdgs_goal: int | None
        sdgs_goal = self.sdgs_goal

        status = self.status.value

        status_name = self.status_name

        submitted_at = self.submitted_at.isoformat()

        ticket = self.ticket

        timeline = []
        for timeline_item_data in self.timeline:
            timeline_item = timeline_item_data.to_dict()
            timeline.append(timeline_item)

        title = self.title

        topic = self.topic

        topic_name = self.topic_name

        version = self.version

        vulnerable_group: bool | None
        vulnerable_group = self.vulnerable_group

        level: None | str | Unset
        if isinstance(self.level, Unset):
            level = UNSET
        elif isinstance(self.level, ConsultationViewLevelType0):
            level = self.level.value
        else:
            level = self.level

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "anonymous": anonymous,
                "assigned_at": assigned_at,
                "body": body,
                "channel": channel,
                "channel_name": channel_name,
                "complete": complete,
                "desa": desa,
                "erased": erased,
                "held_reason": held_reason,
                "held_reason_name": held_reason_name,
                "id": id,
                "kecamatan": kecamatan,
                "kind": kind,
                "kind_name": kind_name,
                "messages": messages,
                "officer": officer,
                "possible": possible,
                "rating": rating,
                "rating_comment": rating_comment,
                "received_at": received_at,
                "requester": requester,
                "satgas": satgas,
                "satgas_name": satgas_name,
                "sdgs_goal": sdgs_goal,
                "status": status,
                "status_name": status_name,
                "submitted_at": submitted_at,
                "ticket": ticket,
                "timeline": timeline,
                "title": title,
                "topic": topic,
                "topic_name": topic_name,
                "version": version,
                "vulnerable_group": vulnerable_group,
            }
        )
        if level is not UNSET:
            field_dict["level"] = level

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.entry_view import EntryView
        from ..models.message_view import MessageView
        from ..models.place import Place
        from ..models.requester_view import RequesterView

        d = dict(src_dict)
        anonymous = d.pop("anonymous")

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

        body = d.pop("body")

        channel = d.pop("channel")

        channel_name = d.pop("channel_name")

        complete = d.pop("complete")

        desa = Place.from_dict(d.pop("desa"))

        erased = d.pop("erased")

        def _parse_held_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        held_reason = _parse_held_reason(d.pop("held_reason"))

        def _parse_held_reason_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        held_reason_name = _parse_held_reason_name(d.pop("held_reason_name"))

        id = d.pop("id")

        kecamatan = Place.from_dict(d.pop("kecamatan"))

        kind = d.pop("kind")

        kind_name = d.pop("kind_name")

        messages = []
        _messages = d.pop("messages")
        for messages_item_data in _messages:
            messages_item = MessageView.from_dict(messages_item_data)

            messages.append(messages_item)

        def _parse_officer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        officer = _parse_officer(d.pop("officer"))

        possible = []
        _possible = d.pop("possible")
        for possible_item_data in _possible:
            possible_item = ConsultationViewPossibleItem(possible_item_data)

            possible.append(possible_item)

        def _parse_rating(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        rating = _parse_rating(d.pop("rating"))

        def _parse_rating_comment(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        rating_comment = _parse_rating_comment(d.pop("rating_comment"))

        received_at = datetime.datetime.fromisoformat(d.pop("received_at"))

        requester = RequesterView.from_dict(d.pop("requester"))

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

        def _parse_sdgs_goal(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        sdgs_goal = _parse_sdgs_goal(d.pop("sdgs_goal"))

        status = ConsultationViewStatus(d.pop("status"))

        status_name = d.pop("status_name")

        submitted_at = datetime.datetime.fromisoformat(d.pop("submitted_at"))

        ticket = d.pop("ticket")

        timeline = []
        _timeline = d.pop("timeline")
        for timeline_item_data in _timeline:
            timeline_item = EntryView.from_dict(timeline_item_data)

            timeline.append(timeline_item)

        title = d.pop("title")

        topic = d.pop("topic")

        topic_name = d.pop("topic_name")

        version = d.pop("version")

        def _parse_vulnerable_group(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        vulnerable_group = _parse_vulnerable_group(d.pop("vulnerable_group"))

        def _parse_level(data: object) -> ConsultationViewLevelType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                level_type_0 = ConsultationViewLevelType0(data)

                return level_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ConsultationViewLevelType0 | None | Unset, data)

        level = _parse_level(d.pop("level", UNSET))

        consultation_view = cls(
            anonymous=anonymous,
            assigned_at=assigned_at,
            body=body,
            channel=channel,
            channel_name=channel_name,
            complete=complete,
            desa=desa,
            erased=erased,
            held_reason=held_reason,
            held_reason_name=held_reason_name,
            id=id,
            kecamatan=kecamatan,
            kind=kind,
            kind_name=kind_name,
            messages=messages,
            officer=officer,
            possible=possible,
            rating=rating,
            rating_comment=rating_comment,
            received_at=received_at,
            requester=requester,
            satgas=satgas,
            satgas_name=satgas_name,
            sdgs_goal=sdgs_goal,
            status=status,
            status_name=status_name,
            submitted_at=submitted_at,
            ticket=ticket,
            timeline=timeline,
            title=title,
            topic=topic,
            topic_name=topic_name,
            version=version,
            vulnerable_group=vulnerable_group,
            level=level,
        )

        consultation_view.additional_properties = d
        return consultation_view

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
