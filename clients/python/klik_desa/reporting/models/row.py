from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.duration import Duration


T = TypeVar("T", bound="Row")


@_attrs_define
class Row:
    """One group: its keys with names beside them, and the figures.

    Attributes:
        acknowledged (int | None): Consultations that an officer has acknowledged
        alerted (int | None): An officer was told, by a channel that reaches people.
        answered (int | None): Consultations that have a first answer
        assigned (int | None): Consultations that a satgas has or has had
        backlog (int | None): Not ended yet.
        closed (int | None): Consultations that are closed and were not opened again
        escalated (int | None): Consultations that went up to camat or DPMD
        first_answer (Duration): Seconds from the receipt, by the clock and, `office_…`, while the offices were open;
            null
            where nothing has taken any. Quantiles are within 1 %.
        log_only (int | None): No officer was told: there was no channel but the log.
        overdue (int | None): Missed a deadline, whatever came of it later.
        rating_mean (float | None): The mean rating, 1 (bad) to 5 (good)
        ratings (int | None): How many rated
        rejected (int | None): Consultations that the satgas could not take
        reopened (int | None): Consultations that were opened again
        resolution (Duration): Seconds from the receipt, by the clock and, `office_…`, while the offices were open; null
            where nothing has taken any. Quantiles are within 1 %.
        row (Literal['group']): Also where the keys are not known, which are null then.
        sla_due (int | None): Answered, or late with the answer.
        sla_met (int | None): Of these, answered before the deadline.
        sla_met_ratio (float | None): Answered before the deadline, of those that were answered or are late: 0 to 1
        submitted (int | None): Consultations that were submitted
        vulnerable (int | None): Consultations about poor or vulnerable people
        withdrawn (int | None): Consultations that the requester took back
        members (None | str | Unset): Where the consultations behind it are listed, for those who may see them;
            `&of=answered`
            gives those behind one figure.
    """

    acknowledged: int | None
    alerted: int | None
    answered: int | None
    assigned: int | None
    backlog: int | None
    closed: int | None
    escalated: int | None
    first_answer: Duration
    log_only: int | None
    overdue: int | None
    rating_mean: float | None
    ratings: int | None
    rejected: int | None
    reopened: int | None
    resolution: Duration
    row: Literal["group"]
    sla_due: int | None
    sla_met: int | None
    sla_met_ratio: float | None
    submitted: int | None
    vulnerable: int | None
    withdrawn: int | None
    members: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        acknowledged: int | None
        acknowledged = self.acknowledged

        alerted: int | None
        alerted = self.alerted

        answered: int | None
        answered = self.answered

        assigned: int | None
        assigned = self.assigned

        backlog: int | None
        backlog = self.backlog

        closed: int | None
        closed = self.closed

        escalated: int | None
        escalated = self.escalated

        first_answer = self.first_answer.to_dict()

        log_only: int | None
        log_only = self.log_only

        overdue: int | None
        overdue = self.overdue

        rating_mean: float | None
        rating_mean = self.rating_mean

        ratings: int | None
        ratings = self.ratings

        rejected: int | None
        rejected = self.rejected

        reopened: int | None
        reopened = self.reopened

        resolution = self.resolution.to_dict()

        row = self.row

        sla_due: int | None
        sla_due = self.sla_due

        sla_met: int | None
        sla_met = self.sla_met

        sla_met_ratio: float | None
        sla_met_ratio = self.sla_met_ratio

        submitted: int | None
        submitted = self.submitted

        vulnerable: int | None
        vulnerable = self.vulnerable

        withdrawn: int | None
        withdrawn = self.withdrawn

        members: None | str | Unset
        if isinstance(self.members, Unset):
            members = UNSET
        else:
            members = self.members

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "acknowledged": acknowledged,
                "alerted": alerted,
                "answered": answered,
                "assigned": assigned,
                "backlog": backlog,
                "closed": closed,
                "escalated": escalated,
                "first_answer": first_answer,
                "log_only": log_only,
                "overdue": overdue,
                "rating_mean": rating_mean,
                "ratings": ratings,
                "rejected": rejected,
                "reopened": reopened,
                "resolution": resolution,
                "row": row,
                "sla_due": sla_due,
                "sla_met": sla_met,
                "sla_met_ratio": sla_met_ratio,
                "submitted": submitted,
                "vulnerable": vulnerable,
                "withdrawn": withdrawn,
            }
        )
        if members is not UNSET:
            field_dict["members"] = members

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.duration import Duration

        d = dict(src_dict)

        def _parse_acknowledged(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        acknowledged = _parse_acknowledged(d.pop("acknowledged"))

        def _parse_alerted(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        alerted = _parse_alerted(d.pop("alerted"))

        def _parse_answered(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        answered = _parse_answered(d.pop("answered"))

        def _parse_assigned(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        assigned = _parse_assigned(d.pop("assigned"))

        def _parse_backlog(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        backlog = _parse_backlog(d.pop("backlog"))

        def _parse_closed(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        closed = _parse_closed(d.pop("closed"))

        def _parse_escalated(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        escalated = _parse_escalated(d.pop("escalated"))

        first_answer = Duration.from_dict(d.pop("first_answer"))

        def _parse_log_only(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        log_only = _parse_log_only(d.pop("log_only"))

        def _parse_overdue(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        overdue = _parse_overdue(d.pop("overdue"))

        def _parse_rating_mean(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        rating_mean = _parse_rating_mean(d.pop("rating_mean"))

        def _parse_ratings(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ratings = _parse_ratings(d.pop("ratings"))

        def _parse_rejected(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        rejected = _parse_rejected(d.pop("rejected"))

        def _parse_reopened(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        reopened = _parse_reopened(d.pop("reopened"))

        resolution = Duration.from_dict(d.pop("resolution"))

        row = cast(Literal["group"], d.pop("row"))
        if row != "group":
            raise ValueError(f"row must match const 'group', got '{row}'")

        def _parse_sla_due(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        sla_due = _parse_sla_due(d.pop("sla_due"))

        def _parse_sla_met(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        sla_met = _parse_sla_met(d.pop("sla_met"))

        def _parse_sla_met_ratio(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        sla_met_ratio = _parse_sla_met_ratio(d.pop("sla_met_ratio"))

        def _parse_submitted(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        submitted = _parse_submitted(d.pop("submitted"))

        def _parse_vulnerable(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        vulnerable = _parse_vulnerable(d.pop("vulnerable"))

        def _parse_withdrawn(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        withdrawn = _parse_withdrawn(d.pop("withdrawn"))

        def _parse_members(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        members = _parse_members(d.pop("members", UNSET))

        row = cls(
            acknowledged=acknowledged,
            alerted=alerted,
            answered=answered,
            assigned=assigned,
            backlog=backlog,
            closed=closed,
            escalated=escalated,
            first_answer=first_answer,
            log_only=log_only,
            overdue=overdue,
            rating_mean=rating_mean,
            ratings=ratings,
            rejected=rejected,
            reopened=reopened,
            resolution=resolution,
            row=row,
            sla_due=sla_due,
            sla_met=sla_met,
            sla_met_ratio=sla_met_ratio,
            submitted=submitted,
            vulnerable=vulnerable,
            withdrawn=withdrawn,
            members=members,
        )

        row.additional_properties = d
        return row

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
