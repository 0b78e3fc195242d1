from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.backlog import Backlog
    from ..models.demands import Demands
    from ..models.of_desa import OfDesa
    from ..models.of_goal import OfGoal
    from ..models.of_kecamatan import OfKecamatan
    from ..models.of_topic import OfTopic
    from ..models.of_vulnerable import OfVulnerable
    from ..models.overview_figures import OverviewFigures
    from ..models.targets import Targets
    from ..models.today import Today
    from ..models.trend import Trend


T = TypeVar("T", bound="Overview")


@_attrs_define
class Overview:
    """All that the dashboard shows.

    Attributes:
        as_of (datetime.datetime): The moment that the figures are of
        backlog (Backlog | None): Of all submissions, whatever the days; null in open data.
        conversations (bool): Whether who asks may read what was written, in the officers' pages.
        demand (Demands): Requests for training, and for information on programmes.
        desa (list[OfDesa] | None): Of the kecamatan that is looked at, where that is one; null in open data.
        first (datetime.date): The first day, included
        kecamatan (list[OfKecamatan]): All of them, whichever one is looked at; of who sees one alone, that one.
        lag_seconds (float | None): How long the oldest event that is not counted yet has been waiting; null in open
            data.
        last (datetime.date): Days of submission, both included.
        lists (bool): Whether who asks may open the list behind a figure: `GET /v1/reports/members`.
        open_data (bool): Whether figures that count fewer than five people are left out
        position (None | str): `Last-Event-ID` for the stream: it tells what changed since. Null in open data.
        sdgs (list[OfGoal]): Figures by SDGs Desa goal
        targets (None | Targets): Times within which answers are due; null in open data
        territory (None | str): The kecamatan of who sees no other: then without complaints.
        today (None | Today): What was submitted today; null in open data
        topics (list[OfTopic]): Topics, as codes or with their figures
        totals (OverviewFigures): In open data, null is what counts fewer than five people, or would tell of them.
        trend (Trend):
        vulnerable (list[OfVulnerable]): Figures of what is about poor or vulnerable people, and of what is not
    """

    as_of: datetime.datetime
    backlog: Backlog | None
    conversations: bool
    demand: Demands
    desa: list[OfDesa] | None
    first: datetime.date
    kecamatan: list[OfKecamatan]
    lag_seconds: float | None
    last: datetime.date
    lists: bool
    open_data: bool
    position: None | str
    sdgs: list[OfGoal]
    targets: None | Targets
    territory: None | str
    today: None | Today
    topics: list[OfTopic]
    totals: OverviewFigures
    trend: Trend
    vulnerable: list[OfVulnerable]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.backlog import Backlog
        from ..models.targets import Targets
        from ..models.today import Today

        as_of = self.as_of.isoformat()

        backlog: dict[str, Any] | None
        if isinstance(self.backlog, Backlog):
            backlog = self.backlog.to_dict()
        else:
            backlog = self.backlog

        conversations = self.conversations

        demand = self.demand.to_dict()

        desa: list[dict[str, Any]] | None
        if isinstance(self.desa, list):
            desa = []
            for desa_type_0_item_data in self.desa:
                desa_type_0_item = desa_type_0_item_data.to_dict()
                desa.append(desa_type_0_item)

        else:
            desa = self.desa

        first = self.first.isoformat()

        kecamatan = []
        for kecamatan_item_data in self.kecamatan:
            kecamatan_item = kecamatan_item_data.to_dict()
            kecamatan.append(kecamatan_item)

        lag_seconds: float | None
        lag_seconds = self.lag_seconds

        last = self.last.isoformat()

        lists = self.lists

        open_data = self.open_data

        position: None | str
        position = self.position

        sdgs = []
        for sdgs_item_data in self.sdgs:
            sdgs_item = sdgs_item_data.to_dict()
            sdgs.append(sdgs_item)

        targets: dict[str, Any] | None
        if isinstance(self.targets, Targets):
            targets = self.targets.to_dict()
        else:
            targets = self.targets

        territory: None | str
        territory = self.territory

        today: dict[str, Any] | None
        if isinstance(self.today, Today):
            today = self.today.to_dict()
        else:
            today = self.today

        topics = []
        for topics_item_data in self.topics:
            topics_item = topics_item_data.to_dict()
            topics.append(topics_item)

        totals = self.totals.to_dict()

        trend = self.trend.to_dict()

        vulnerable = []
        for vulnerable_item_data in self.vulnerable:
            vulnerable_item = vulnerable_item_data.to_dict()
            vulnerable.append(vulnerable_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "as_of": as_of,
                "backlog": backlog,
                "conversations": conversations,
                "demand": demand,
                "desa": desa,
                "first": first,
                "kecamatan": kecamatan,
                "lag_seconds": lag_seconds,
                "last": last,
                "lists": lists,
                "open_data": open_data,
                "position": position,
                "sdgs": sdgs,
                "targets": targets,
                "territory": territory,
                "today": today,
                "topics": topics,
                "totals": totals,
                "trend": trend,
                "vulnerable": vulnerable,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.backlog import Backlog
        from ..models.demands import Demands
        from ..models.of_desa import OfDesa
        from ..models.of_goal import OfGoal
        from ..models.of_kecamatan import OfKecamatan
        from ..models.of_topic import OfTopic
        from ..models.of_vulnerable import OfVulnerable
        from ..models.overview_figures import OverviewFigures
        from ..models.targets import Targets
        from ..models.today import Today
        from ..models.trend import Trend

        d = dict(src_dict)
        as_of = datetime.datetime.fromisoformat(d.pop("as_of"))

        def _parse_backlog(data: object) -> Backlog | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                backlog_type_0 = Backlog.from_dict(data)

                return backlog_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Backlog | None, data)

        backlog = _parse_backlog(d.pop("backlog"))

        conversations = d.pop("conversations")

        demand = Demands.from_dict(d.pop("demand"))

        def _parse_desa(data: object) -> list[OfDesa] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                desa_type_0 = []
                _desa_type_0 = data
                for desa_type_0_item_data in _desa_type_0:
                    desa_type_0_item = OfDesa.from_dict(desa_type_0_item_data)

                    desa_type_0.append(desa_type_0_item)

                return desa_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[OfDesa] | None, data)

        desa = _parse_desa(d.pop("desa"))

        first = datetime.date.fromisoformat(d.pop("first"))

        kecamatan = []
        _kecamatan = d.pop("kecamatan")
        for kecamatan_item_data in _kecamatan:
            kecamatan_item = OfKecamatan.from_dict(kecamatan_item_data)

            kecamatan.append(kecamatan_item)

        def _parse_lag_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        lag_seconds = _parse_lag_seconds(d.pop("lag_seconds"))

        last = datetime.date.fromisoformat(d.pop("last"))

        lists = d.pop("lists")

        open_data = d.pop("open_data")

        def _parse_position(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        position = _parse_position(d.pop("position"))

        sdgs = []
        _sdgs = d.pop("sdgs")
        for sdgs_item_data in _sdgs:
            sdgs_item = OfGoal.from_dict(sdgs_item_data)

            sdgs.append(sdgs_item)

        def _parse_targets(data: object) -> None | Targets:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                targets_type_0 = Targets.from_dict(data)

                return targets_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Targets, data)

        targets = _parse_targets(d.pop("targets"))

        def _parse_territory(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        territory = _parse_territory(d.pop("territory"))

        def _parse_today(data: object) -> None | Today:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                today_type_0 = Today.from_dict(data)

                return today_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Today, data)

        today = _parse_today(d.pop("today"))

        topics = []
        _topics = d.pop("topics")
        for topics_item_data in _topics:
            topics_item = OfTopic.from_dict(topics_item_data)

            topics.append(topics_item)

        totals = OverviewFigures.from_dict(d.pop("totals"))

        trend = Trend.from_dict(d.pop("trend"))

        vulnerable = []
        _vulnerable = d.pop("vulnerable")
        for vulnerable_item_data in _vulnerable:
            vulnerable_item = OfVulnerable.from_dict(vulnerable_item_data)

            vulnerable.append(vulnerable_item)

        overview = cls(
            as_of=as_of,
            backlog=backlog,
            conversations=conversations,
            demand=demand,
            desa=desa,
            first=first,
            kecamatan=kecamatan,
            lag_seconds=lag_seconds,
            last=last,
            lists=lists,
            open_data=open_data,
            position=position,
            sdgs=sdgs,
            targets=targets,
            territory=territory,
            today=today,
            topics=topics,
            totals=totals,
            trend=trend,
            vulnerable=vulnerable,
        )

        overview.additional_properties = d
        return overview

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
