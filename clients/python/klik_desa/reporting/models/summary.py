from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.summary_every import SummaryEvery
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.lagging import Lagging


T = TypeVar("T", bound="Summary")


@_attrs_define
class Summary:
    """Some days of a kecamatan or of the kabupaten in a few numbers, as reports count them.

    Of the consultations submitted from `first` to `last` (Asia/Makassar, both included), what had
    become of them when the event was made.

        Attributes:
            answered (int): Consultations that have a first answer
            area (str): Whose numbers these are: a kecamatan's code, or `64.02` for the regency
            backlog (int): Not ended yet.
            closed (int): Consultations that are closed and were not opened again
            every (SummaryEvery): `week`: Monday to Sunday of a kecamatan; `month`: of the whole kabupaten.
            first (datetime.date): The first day, included
            last (datetime.date): The last day, included
            open_in_all (int): Not ended yet, whenever submitted.
            overdue (int): With a deadline missed.
            submitted (int): Consultations that were submitted
            answer_days (int | None | Unset): Working days within which the first answer is due; absent where routing did
                not say.
            answer_p50_s (float | None | Unset): Seconds of office time until the first answer; absent where none was given.
            answer_p90_s (float | None | Unset): Seconds of office time within which nine of ten first answers came
            lagging (list[Lagging] | Unset): Of a month: the kecamatan with the largest share of late ones, the largest
                first.
            open_long (int | None | Unset): Of `open_in_all`, what had waited for 31 days or more the day after `last`.
    """

    answered: int
    area: str
    backlog: int
    closed: int
    every: SummaryEvery
    first: datetime.date
    last: datetime.date
    open_in_all: int
    overdue: int
    submitted: int
    answer_days: int | None | Unset = UNSET
    answer_p50_s: float | None | Unset = UNSET
    answer_p90_s: float | None | Unset = UNSET
    lagging: list[Lagging] | Unset = UNSET
    open_long: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        answered = self.answered

        area = self.area

        backlog = self.backlog

        closed = self.closed

        every = self.every.value

        first = self.first.isoformat()

        last = self.last.isoformat()

        open_in_all = self.open_in_all

        overdue = self.overdue

        submitted = self.submitted

        answer_days: int | None | Unset
        if isinstance(self.answer_days, Unset):
            answer_days = UNSET
        else:
            answer_days = self.answer_days

        answer_p50_s: float | None | Unset
        if isinstance(self.answer_p50_s, Unset):
            answer_p50_s = UNSET
        else:
            answer_p50_s = self.answer_p50_s

        answer_p90_s: float | None | Unset
        if isinstance(self.answer_p90_s, Unset):
            answer_p90_s = UNSET
        else:
            answer_p90_s = self.answer_p90_s

        lagging: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.lagging, Unset):
            lagging = []
            for lagging_item_data in self.lagging:
                lagging_item = lagging_item_data.to_dict()
                lagging.append(lagging_item)

        open_long: int | None | Unset
        if isinstance(self.open_long, Unset):
            open_long = UNSET
        else:
            open_long = self.open_long

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "answered": answered,
                "area": area,
                "backlog": backlog,
                "closed": closed,
                "every": every,
                "first": first,
                "last": last,
                "open_in_all": open_in_all,
                "overdue": overdue,
                "submitted": submitted,
            }
        )
        if answer_days is not UNSET:
            field_dict["answer_days"] = answer_days
        if answer_p50_s is not UNSET:
            field_dict["answer_p50_s"] = answer_p50_s
        if answer_p90_s is not UNSET:
            field_dict["answer_p90_s"] = answer_p90_s
        if lagging is not UNSET:
            field_dict["lagging"] = lagging
        if open_long is not UNSET:
            field_dict["open_long"] = open_long

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.lagging import Lagging

        d = dict(src_dict)
        answered = d.pop("answered")

        area = d.pop("area")

        backlog = d.pop("backlog")

        closed = d.pop("closed")

        every = SummaryEvery(d.pop("every"))

        first = datetime.date.fromisoformat(d.pop("first"))

        last = datetime.date.fromisoformat(d.pop("last"))

        open_in_all = d.pop("open_in_all")

        overdue = d.pop("overdue")

        submitted = d.pop("submitted")

        def _parse_answer_days(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        answer_days = _parse_answer_days(d.pop("answer_days", UNSET))

        def _parse_answer_p50_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        answer_p50_s = _parse_answer_p50_s(d.pop("answer_p50_s", UNSET))

        def _parse_answer_p90_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        answer_p90_s = _parse_answer_p90_s(d.pop("answer_p90_s", UNSET))

        _lagging = d.pop("lagging", UNSET)
        lagging: list[Lagging] | Unset = UNSET
        if _lagging is not UNSET:
            lagging = []
            for lagging_item_data in _lagging:
                lagging_item = Lagging.from_dict(lagging_item_data)

                lagging.append(lagging_item)

        def _parse_open_long(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        open_long = _parse_open_long(d.pop("open_long", UNSET))

        summary = cls(
            answered=answered,
            area=area,
            backlog=backlog,
            closed=closed,
            every=every,
            first=first,
            last=last,
            open_in_all=open_in_all,
            overdue=overdue,
            submitted=submitted,
            answer_days=answer_days,
            answer_p50_s=answer_p50_s,
            answer_p90_s=answer_p90_s,
            lagging=lagging,
            open_long=open_long,
        )

        summary.additional_properties = d
        return summary

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
