"""reporting's parts around a real store, without RabbitMQ; and its figures counted by hand."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor
from typing import Any

import httpx
import pyarrow as pa

from klik.history.invented import lives
from services.reporting.domain.answers import Answer, Scope
from services.reporting.domain.columns import page, summed
from services.reporting.domain.figures import STATISTICS, figures
from services.reporting.domain.measures import COUNTS, DURATIONS, QUANTILES
from services.reporting.domain.periods import Period, label
from services.reporting.domain.query import TIME_KEYS, ReportQuery
from services.reporting.domain.rows import Row, fact, fold
from services.reporting.events.log import EventLog, open_log
from services.reporting.projection.generations import Generations
from services.reporting.projection.projector import Projector
from services.reporting.projection.rollups import Rollups
from services.reporting.query.engine import QueryEngine
from services.routing.api.calendar_schemas import CalendarView
from services.routing.data.calendar import load_calendar
from shared.calendar import OutsideCalendar
from shared.events import ConsultationEvent
from shared.storage.mongo import Database
from shared.times import WITA, local_day
from shared.working_calendar import Office
from tests.support.fakes import Clock


def office() -> Office:
    """routing's answers about its calendar, without routing."""
    calendar, sources = load_calendar()

    def answer(request: httpx.Request) -> httpx.Response:
        year = int(request.url.params["year"])
        view = CalendarView.of(calendar, sources, year)
        return httpx.Response(200, json=view.model_dump(mode="json"))

    return Office("http://routing", "key", httpx.MockTransport(answer))


@dataclass
class Replica:
    """One process of reporting, whose loops are run by hand."""

    generations: Generations
    log: EventLog
    projector: Projector
    rollups: Rollups
    engine: QueryEngine

    @classmethod
    async def on(cls, database: Database, clock: Clock) -> "Replica":
        generations = Generations(database, office())
        rollups = Rollups(generations)
        log = open_log(database, clock)
        await log.prepare()
        projector = Projector(log, generations, rollups)
        log.on_written(projector.written)
        return cls(generations, log, projector, rollups, QueryEngine(generations, rollups, log))

    async def take(self, events: Iterable[ConsultationEvent]) -> None:
        """Log them and carry them on."""
        await asyncio.gather(*(self.log.append(event) for event in events))
        await self.projector.carry_on()

    async def roll_up(self) -> None:
        """All cubes of all periods, as far as they are behind."""
        live = await self.generations.live()
        assert live is not None
        days = [Period(day) for day in await live.generation.version_index.versions()]
        months = {day.parent for day in days}
        await self.rollups.refresh([*days, *months, *{month.parent for month in months}])

    async def ask(self, query: ReportQuery) -> dict[tuple[Any, ...], dict[str, Any]]:
        answer = await self.engine.answer(await self.engine.scope(query))
        return figures(answer.cube, query.group_by)


Figures = dict[tuple[Any, ...], dict[str, Any]]


def by_hand(events: Iterable[ConsultationEvent], query: ReportQuery) -> Figures:
    """The report as somebody would count it who has never seen the service: event by event."""
    told: dict[str, dict[Any, ConsultationEvent]] = defaultdict(dict)
    for event in events:
        told[str(event.consultation)][event.id] = event
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for of in told.values():
        one = _by_hand(list(of.values()))
        if one is None:
            continue
        if query.first and one["date"] < query.first:
            continue
        if query.last and one["date"] > query.last:
            continue
        if any(one[name] not in values for name, values in query.filters.items()):
            continue
        groups[tuple(one[key] for key in query.group_by)].append(one)
    return {group: _counted(ones) for group, ones in groups.items()}


CALENDAR, _ = load_calendar()


def _by_hand(events: Sequence[Any]) -> dict[str, Any] | None:
    of: dict[str, list[Any]] = defaultdict(list)
    for event in sorted(events, key=lambda event: event.sequence):
        of[event.name].append(event)
    if not of["consultation.submitted"]:
        return None
    first = of["consultation.submitted"][0]
    day = local_day(first.submitted_at)
    year, week, _ = day.isocalendar()
    case = of["case.assigned"][-1] if of["case.assigned"] else None

    def when(name: str) -> datetime | None:
        return min((event.time for event in of[f"consultation.{name}"]), default=None)

    ends = [e for e in events if e.name.rpartition(".")[2] in _ENDS]
    ends.sort(key=lambda event: event.sequence)
    last = ends[-1].name if ends else None
    answered = when("answered")
    late = min((e.due for e in of["case.deadline_missed"] if e.clock == "answer"), default=None)
    resolved = ends[-1].time if last == "consultation.closed" else None
    ratings = of["consultation.rated"]
    by = {kind: _told_by(of, kind) for kind in ("officer", "requester")}
    return {
        "date": day,
        "day": day.isoformat(),
        "week": f"{year}-W{week:02}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{(day.month - 1) // 3 + 1}",
        "year": f"{day:%Y}",
        "kecamatan": first.region.kecamatan,
        "desa": first.region.desa,
        "topic_group": first.topic.split("-")[0],
        **{name: getattr(first, name) for name in _AS_SUBMITTED},
        **{name: getattr(case, name, None) for name in ("satgas", "officer", "level")},
        "alerted_by": by["officer"],
        "requester_alerted_by": by["requester"],
        "counts": {
            "submitted": True,
            "assigned": case is not None,
            "alerted": by["officer"] not in (None, "log"),
            "log_only": by["officer"] == "log",
            **{name: when(name) is not None for name in _STAGES},
            "escalated": bool(of["case.escalated"]),
            "overdue": bool(of["case.deadline_missed"]),
            "backlog": last is None or last == "consultation.reopened",
            "vulnerable": first.vulnerable is True,
            "ratings": bool(ratings),
            "sla_due": bool(answered or late),
            "sla_met": bool(answered and not (late and answered > late)),
        },
        "rating": ratings[-1].rating if ratings else None,
        "first_answer": _spans(first.received_at, answered),
        "resolution": _spans(first.received_at, resolved),
    }


def _told_by(of: Mapping[str, Sequence[Any]], kind: str) -> str | None:
    sent = [e for e in of["alert.sent"] if e.recipient_kind == kind and e.channel != "log"]
    if sent:
        channel: str = min(sent, key=lambda e: e.time).channel
        return channel
    logged = [e for e in of["alert.suppressed"] if e.reason == "log_only"]
    return "log" if any(e.recipient_kind == kind for e in logged) else None


_ENDS = ("closed", "withdrawn", "rejected", "reopened")
_AS_SUBMITTED = ("topic", "kind", "channel", "role", "sdgs_goal", "vulnerable")
_STAGES = ("acknowledged", "answered", "closed", "reopened", "withdrawn", "rejected")
_NONE = timedelta()


def _spans(start: datetime, end: datetime | None) -> tuple[timedelta | None, timedelta | None]:
    if end is None:
        return None, None
    span = max(end - start, _NONE)
    try:
        return span, CALENDAR.office_time_between(start, start + span)
    except OutsideCalendar:
        return span, None


def _counted(ones: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counts: dict[str, Any] = {
        name: sum(one["counts"][name] for one in ones) for name in ones[0]["counts"]
    }
    due = counts["sla_due"]
    counts["sla_met_ratio"] = round(counts["sla_met"] / due, 4) if due else None
    ratings = [one["rating"] for one in ones if one["rating"] is not None]
    counts["rating_mean"] = round(sum(ratings) / len(ratings), 4) if ratings else None
    for name in ("first_answer", "resolution"):
        for place, full in enumerate((name, f"{name}_office")):
            took = sorted(one[name][place] for one in ones if one[name][place] is not None)
            for statistic in STATISTICS:
                counts[f"{full}_{statistic}_s"] = _statistic(took, statistic)
    return counts


def _statistic(took: Sequence[timedelta], statistic: str) -> float | None:
    if not took:
        return None
    milliseconds = [span // timedelta(milliseconds=1) for span in took]
    if statistic == "mean":
        return round(sum(milliseconds) / len(milliseconds) / 1000, 3)
    share = int(statistic[1:]) / 100
    return milliseconds[floor(share * (len(milliseconds) - 1))] / 1000


SKETCHED = tuple(f"_{quantile}_s" for quantile in QUANTILES)


def assert_same(found: Figures, expected: Figures) -> None:
    """Every figure equal; quantiles, which come from sketches, within 1 %."""
    assert found.keys() == expected.keys()
    for group, row in found.items():
        assert row.keys() == expected[group].keys()
        for name, value in row.items():
            right = expected[group][name]
            if name.endswith(SKETCHED) and value is not None:
                assert abs(value - right) <= 0.01 * right + 0.001, (group, name, value, right)
            else:
                assert value == right, (group, name, value, right)


FIRST, LAST = datetime(2026, 10, 1, tzinfo=WITA), datetime(2026, 11, 15, tzinfo=WITA)


def rows(lived: Iterable[Sequence[ConsultationEvent]]) -> list[Row]:
    found = []
    for life in lived:
        facts = {str(event.id): told for event in life if (told := fact(event)) is not None}
        row = fold(str(life[0].consultation), facts, CALENDAR)
        assert row is not None
        found.append(row)
    return found


class FakeReports:
    """Answers from a list of rows; knows nothing of periods and cubes."""

    def __init__(self) -> None:
        self.rows = rows(lives(3, 80, FIRST, LAST))
        self.asked: list[ReportQuery] = []
        self.edition = 1
        self.behind = 0.25

    async def scope(self, query: ReportQuery) -> Scope:
        self.asked.append(query)
        return Scope(query, {"2026-11-01": {"x": self.edition}}, FIRST.date(), LAST.date(), 1, "c")

    def _within(self, query: ReportQuery) -> list[Row]:
        return [
            row
            for row in self.rows
            if (not query.first or row.day >= query.first.isoformat())
            and (not query.last or row.day <= query.last.isoformat())
            and all(getattr(row, name) in of for name, of in query.filters.items())
        ]

    async def answer(self, scope: Scope) -> Answer:
        keys = scope.query.group_by
        table = page(self._within(scope.query))
        for key in keys:
            if key in TIME_KEYS and key != "day":
                labels = [label(Period(day), key) for day in table["day"].to_pylist()]
                table = table.append_column(key, pa.array(labels, pa.string()))
        first = scope.query.first or FIRST.date()
        last = scope.query.last or LAST.date()
        return Answer(summed(table, keys), "rows", 6, first, last)

    async def lag(self) -> float:
        return self.behind

    async def members(self, scope: Scope, of: str) -> pa.Table:
        def counts(row: Row) -> bool:
            if of in DURATIONS:
                return getattr(row, DURATIONS[of]) is not None
            return COUNTS[of](row)

        return page(row for row in self._within(scope.query) if counts(row))

    async def received_on(self, days: list[str]) -> dict[tuple[str, str], int]:
        return {("2026-11-24", "64.02.06"): 4}
