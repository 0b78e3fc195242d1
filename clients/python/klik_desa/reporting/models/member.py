from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.member_stage import MemberStage

T = TypeVar("T", bound="Member")


@_attrs_define
class Member:
    """One consultation, by codes, days and stages: nothing of who asked, and no text.

    Attributes:
        day (datetime.date): Of submission, in Asia/Makassar.
        days_open (int | None): Since the submission; null where it has ended.
        desa (str): The desa or kelurahan, as a code or with its name
        desa_name (str): Name of the desa or kelurahan; its code again where it has none today
        first_answer_office_s (float | None): Seconds of office time until the first answer.
        id (str): Its id
        kecamatan (str): The kecamatan, as a code or with its name
        kecamatan_name (str): The kecamatan's name
        kind (str): The kind of consultation: see `/v1/reference/kinds`
        kind_name (str): The kind's name, in the caller's language
        level (None | str): Who has it: the satgas's `officer`, or the desk of `dpmd`
        overdue (bool): Missed a deadline, whatever came of it later.
        satgas (None | str): Who has it, or had it last.
        satgas_name (None | str): The satgas's name; null while nobody has it
        stage (MemberStage): How far it has come, or how it ended.
        topic (str): The topic: see `/v1/reference/topics`
        topic_name (str): The topic's name
    """

    day: datetime.date
    days_open: int | None
    desa: str
    desa_name: str
    first_answer_office_s: float | None
    id: str
    kecamatan: str
    kecamatan_name: str
    kind: str
    kind_name: str
    level: None | str
    overdue: bool
    satgas: None | str
    satgas_name: None | str
    stage: MemberStage
    topic: str
    topic_name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        day = self.day.isoformat()

        days_open: int | None
        days_open = self.days_open

        desa = self.desa

        desa_name = self.desa_name

        first_answer_office_s: float | None
        first_answer_office_s = self.first_answer_office_s

        id = self.id

        kecamatan = self.kecamatan

        kecamatan_name = self.kecamatan_name

        kind = self.kind

        kind_name = self.kind_name

        level: None | str
        level = self.level

        overdue = self.overdue

        satgas: None | str
        satgas = self.satgas

        satgas_name: None | str
        satgas_name = self.satgas_name

        stage = self.stage.value

        topic = self.topic

        topic_name = self.topic_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "day": day,
                "days_open": days_open,
                "desa": desa,
                "desa_name": desa_name,
                "first_answer_office_s": first_answer_office_s,
                "id": id,
                "kecamatan": kecamatan,
                "kecamatan_name": kecamatan_name,
                "kind": kind,
                "kind_name": kind_name,
                "level": level,
                "overdue": overdue,
                "satgas": satgas,
                "satgas_name": satgas_name,
                "stage": stage,
                "topic": topic,
                "topic_name": topic_name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        day = datetime.date.fromisoformat(d.pop("day"))

        def _parse_days_open(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        days_open = _parse_days_open(d.pop("days_open"))

        desa = d.pop("desa")

        desa_name = d.pop("desa_name")

        def _parse_first_answer_office_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        first_answer_office_s = _parse_first_answer_office_s(
            d.pop("first_answer_office_s")
        )

        id = d.pop("id")

        kecamatan = d.pop("kecamatan")

        kecamatan_name = d.pop("kecamatan_name")

        kind = d.pop("kind")

        kind_name = d.pop("kind_name")

        def _parse_level(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        level = _parse_level(d.pop("level"))

        overdue = d.pop("overdue")

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

        stage = MemberStage(d.pop("stage"))

        topic = d.pop("topic")

        topic_name = d.pop("topic_name")

        member = cls(
            day=day,
            days_open=days_open,
            desa=desa,
            desa_name=desa_name,
            first_answer_office_s=first_answer_office_s,
            id=id,
            kecamatan=kecamatan,
            kecamatan_name=kecamatan_name,
            kind=kind,
            kind_name=kind_name,
            level=level,
            overdue=overdue,
            satgas=satgas,
            satgas_name=satgas_name,
            stage=stage,
            topic=topic,
            topic_name=topic_name,
        )

        member.additional_properties = d
        return member

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
