from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="OfDesa")


@_attrs_define
class OfDesa:
    """
    Attributes:
        answer_p50_s (float | None): Seconds of office time until the first answer.
        answer_p90_s (float | None): Seconds of office time within which nine of ten first answers came
        answered (int | None): Consultations that have a first answer
        backlog (int | None): Not ended yet; of the whole and of a kecamatan also what was submitted before `first`, but
            in open data.
        backlog_old (int | None): As of a kecamatan.
        closed (int | None): Consultations that are closed and were not opened again
        desa (str): The desa or kelurahan, as a code or with its name
        desa_name (str): Name of the desa or kelurahan; its code again where it has none today
        escalated (int | None): Consultations that went up to camat or DPMD
        overdue (int | None): Missed a deadline, whatever came of it later.
        rating_mean (float | None): The mean rating, 1 (bad) to 5 (good)
        ratings (int | None): How many rated
        sla_met_ratio (float | None): Answered before the deadline, of those that were answered or are late.
        submitted (int | None): Consultations that were submitted
        vulnerable (int | None): Consultations about poor or vulnerable people
    """

    answer_p50_s: float | None
    answer_p90_s: float | None
    answered: int | None
    backlog: int | None
    backlog_old: int | None
    closed: int | None
    desa: str
    desa_name: str
    escalated: int | None
    overdue: int | None
    rating_mean: float | None
    ratings: int | None
    sla_met_ratio: float | None
    submitted: int | None
    vulnerable: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        answer_p50_s: float | None
        answer_p50_s = self.answer_p50_s

        answer_p90_s: float | None
        answer_p90_s = self.answer_p90_s

        answered: int | None
        answered = self.answered

        backlog: int | None
        backlog = self.backlog

        backlog_old: int | None
        backlog_old = self.backlog_old

        closed: int | None
        closed = self.closed

        desa = self.desa

        desa_name = self.desa_name

        escalated: int | None
        escalated = self.escalated

        overdue: int | None
        overdue = self.overdue

        rating_mean: float | None
        rating_mean = self.rating_mean

        ratings: int | None
        ratings = self.ratings

        sla_met_ratio: float | None
        sla_met_ratio = self.sla_met_ratio

        submitted: int | None
        submitted = self.submitted

        vulnerable: int | None
        vulnerable = self.vulnerable

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "answer_p50_s": answer_p50_s,
                "answer_p90_s": answer_p90_s,
                "answered": answered,
                "backlog": backlog,
                "backlog_old": backlog_old,
                "closed": closed,
                "desa": desa,
                "desa_name": desa_name,
                "escalated": escalated,
                "overdue": overdue,
                "rating_mean": rating_mean,
                "ratings": ratings,
                "sla_met_ratio": sla_met_ratio,
                "submitted": submitted,
                "vulnerable": vulnerable,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_answer_p50_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        answer_p50_s = _parse_answer_p50_s(d.pop("answer_p50_s"))

        def _parse_answer_p90_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        answer_p90_s = _parse_answer_p90_s(d.pop("answer_p90_s"))

        def _parse_answered(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        answered = _parse_answered(d.pop("answered"))

        def _parse_backlog(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        backlog = _parse_backlog(d.pop("backlog"))

        def _parse_backlog_old(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        backlog_old = _parse_backlog_old(d.pop("backlog_old"))

        def _parse_closed(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        closed = _parse_closed(d.pop("closed"))

        desa = d.pop("desa")

        desa_name = d.pop("desa_name")

        def _parse_escalated(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        escalated = _parse_escalated(d.pop("escalated"))

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

        of_desa = cls(
            answer_p50_s=answer_p50_s,
            answer_p90_s=answer_p90_s,
            answered=answered,
            backlog=backlog,
            backlog_old=backlog_old,
            closed=closed,
            desa=desa,
            desa_name=desa_name,
            escalated=escalated,
            overdue=overdue,
            rating_mean=rating_mean,
            ratings=ratings,
            sla_met_ratio=sla_met_ratio,
            submitted=submitted,
            vulnerable=vulnerable,
        )

        of_desa.additional_properties = d
        return of_desa

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
