from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.submission_channel import SubmissionChannel
from ..models.submission_kind import SubmissionKind
from ..models.submission_topic import SubmissionTopic
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.requester import Requester


T = TypeVar("T", bound="Submission")


@_attrs_define
class Submission:
    """A post to `/v1/consultations`, as the requester's front-end sends it.

    Attributes:
        body (str): The text of the consultation, 1 to 8,000 characters
        desa_code (str): The Kemendagri code of a desa or kelurahan; superseded codes are understood.
        requester (Requester):
        title (str): On one line.
        topic (SubmissionTopic): The topic: see `/v1/reference/topics`
        anonymous (bool | Unset): The satgas sees neither name nor contact. Default: False.
        channel (SubmissionChannel | Unset): The way in or out, as a code: see `/v1/reference/channels` Default:
            SubmissionChannel.WEB.
        kind (SubmissionKind | Unset): The kind of consultation: see `/v1/reference/kinds` Default:
            SubmissionKind.KONSULTASI.
        sdgs_goal (int | None | Unset): The SDGs Desa goal that it serves, 1 to 18; null where none is known
        submitted_at (datetime.datetime | None | Unset): When the requester pressed send, by the device's clock, for
            posts made without signal.
        vulnerable_group (bool | None | Unset): Whether the matter is about a poor or vulnerable group (not whether the
            requester is).
    """

    body: str
    desa_code: str
    requester: Requester
    title: str
    topic: SubmissionTopic
    anonymous: bool | Unset = False
    channel: SubmissionChannel | Unset = SubmissionChannel.WEB
    kind: SubmissionKind | Unset = SubmissionKind.KONSULTASI
    sdgs_goal: int | None | Unset = UNSET
    submitted_at: datetime.datetime | None | Unset = UNSET
    vulnerable_group: bool | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        body = self.body

        desa_code = self.desa_code

        requester = self.requester.to_dict()

        title = self.title

        topic = self.topic.value

        anonymous = self.anonymous

        channel: str | Unset = UNSET
        if not isinstance(self.channel, Unset):
            channel = self.channel.value

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        sdgs_goal: int | None | Unset
        if isinstance(self.sdgs_goal, Unset):
            sdgs_goal = UNSET
        else:
            sdgs_goal = self.sdgs_goal

        submitted_at: None | str | Unset
        if isinstance(self.submitted_at, Unset):
            submitted_at = UNSET
        elif isinstance(self.submitted_at, datetime.datetime):
            submitted_at = self.submitted_at.isoformat()
        else:
            submitted_at = self.submitted_at

        vulnerable_group: bool | None | Unset
        if isinstance(self.vulnerable_group, Unset):
            vulnerable_group = UNSET
        else:
            vulnerable_group = self.vulnerable_group

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "body": body,
                "desa_code": desa_code,
                "requester": requester,
                "title": title,
                "topic": topic,
            }
        )
        if anonymous is not UNSET:
            field_dict["anonymous"] = anonymous
        if channel is not UNSET:
            field_dict["channel"] = channel
        if kind is not UNSET:
            field_dict["kind"] = kind
        if sdgs_goal is not UNSET:
            field_dict["sdgs_goal"] = sdgs_goal
        if submitted_at is not UNSET:
            field_dict["submitted_at"] = submitted_at
        if vulnerable_group is not UNSET:
            field_dict["vulnerable_group"] = vulnerable_group

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.requester import Requester

        d = dict(src_dict)
        body = d.pop("body")

        desa_code = d.pop("desa_code")

        requester = Requester.from_dict(d.pop("requester"))

        title = d.pop("title")

        topic = SubmissionTopic(d.pop("topic"))

        anonymous = d.pop("anonymous", UNSET)

        _channel = d.pop("channel", UNSET)
        channel: SubmissionChannel | Unset
        if isinstance(_channel, Unset):
            channel = UNSET
        else:
            channel = SubmissionChannel(_channel)

        _kind = d.pop("kind", UNSET)
        kind: SubmissionKind | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = SubmissionKind(_kind)

        def _parse_sdgs_goal(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        sdgs_goal = _parse_sdgs_goal(d.pop("sdgs_goal", UNSET))

        def _parse_submitted_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                submitted_at_type_0 = datetime.datetime.fromisoformat(data)

                return submitted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        submitted_at = _parse_submitted_at(d.pop("submitted_at", UNSET))

        def _parse_vulnerable_group(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        vulnerable_group = _parse_vulnerable_group(d.pop("vulnerable_group", UNSET))

        submission = cls(
            body=body,
            desa_code=desa_code,
            requester=requester,
            title=title,
            topic=topic,
            anonymous=anonymous,
            channel=channel,
            kind=kind,
            sdgs_goal=sdgs_goal,
            submitted_at=submitted_at,
            vulnerable_group=vulnerable_group,
        )

        return submission
